"""What the site keeps of every release: its files as they were, each record as it was, and what changed since."""

import json
from collections import defaultdict
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from markupsafe import Markup

from .api import write_file
from .changes import Change, Tables, differences
from .compile import Table
from .descriptor import ROOT, Descriptor
from .history import export, releases
from .package import published_descriptor, sums, to_json, write_zip
from .render import Figures, environment
from .tables import read_tables, to_csv

NUMBERS = ("value", "low", "high", "share_percent")


@dataclass
class Edition:
    """A release, or the build at hand, as text: its tables and its descriptor."""

    version: str
    date: str
    tables: Tables
    described: dict
    files: dict[str, bytes] = field(default_factory=dict, repr=False)  # of a release: its tables byte for byte

    @cached_property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.described)

    @cached_property
    def records(self) -> dict[str, dict]:
        return self._by_id("records")

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Every former id with the id that the record has in this edition."""
        return {old: id for id, row in self.records.items() for old in row["former_ids"].split()}

    @cached_property
    def statements(self) -> dict[str, list[dict]]:
        """The claims or findings of each record, in order of date, each with its figure in words and its evidence."""
        figures = Figures(*(self._by_id(name) for name in ("units", "measures", "qualifiers")))
        sources, evidence, found = self._by_id("sources"), defaultdict(list), defaultdict(list)
        for row in self.tables["evidence"]:
            evidence[row["record_id"], row["claim_id"]].append(row | sources[row["source_id"]])
        said = self.tables["claims"] + self.tables["survey_findings"]
        for row in sorted(said, key=lambda row: row.get("date") or ""):
            id = row.get("claim_id") or row["finding_id"]
            figure = figures.claim(row | {name: Decimal(row[name]) if row.get(name) else None for name in NUMBERS})
            words = evidence[row["record_id"], id]
            found[row["record_id"]].append(row | {"id": id, "figure": figure, "evidence": words})
        return dict(found)

    def _by_id(self, table: str) -> dict[str, dict]:
        return {next(iter(row.values())): row for row in self.tables[table]}

    def current(self, record_id: str) -> dict | None:
        return next((row for row in self.statements.get(record_id, []) if row.get("is_current") == "true"), None)


def editions(root: Path = ROOT) -> list[Edition]:
    """Every release that git's history at hand holds, oldest first."""
    found = []
    for release in releases(root):
        with TemporaryDirectory() as name:
            folder = export(release, Path(name), "data/tables", "datapackage.json", root=root)
            described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
            tables = folder / "data" / "tables"
            files = {path.name: path.read_bytes() for path in sorted(tables.iterdir())}
            found.append(Edition(release.version, release.date, read_tables(tables), described, files))
    return found


def pairs(all_editions: list[Edition]) -> dict[tuple[str, str], list[Change]]:
    """What changed between any two, the earlier version first."""
    return {
        (old.version, new.version): differences(old.tables, new.tables, new.descriptor)
        for old, new in combinations(all_editions, 2)
    }


def write_archive(past: list[Edition], now: Edition, changes: dict[tuple[str, str], list[Change]], site: Path) -> None:
    """Write releases/<version>/ and releases/changes/ into the site."""
    template = environment().get_template("frozen.html.j2")
    for edition in past:
        folder = site / "releases" / edition.version
        write_files(edition, folder)
        for record_id, record in edition.records.items():
            moved = _moved(edition, now, record_id)
            text = template.render(edition=edition, record=record, moved=moved, root=Markup("../" * 4))
            write_file(folder, f"records/{record_id}/index.html", text)
    columns = [column.name for column in fields(Change)]
    for (old, new), found in changes.items():
        rows = [vars(change) for change in found]
        write_file(site, f"releases/changes/{old}-to-{new}.csv", to_csv(Table("", columns, rows)))
        write_file(site, f"releases/changes/{old}-to-{new}.json", to_json(rows))


def _moved(edition: Edition, now: Edition, record_id: str) -> dict | None:
    """What a reader of an old record must know: where it is now, and its current figure if that is another."""
    today = now.renamed.get(record_id, record_id)
    if today not in now.records:  # a part of the data, as somebody may build while trying things out
        return None
    before, after = edition.current(record_id), now.current(today)
    differs = (before and before["figure"]) != (after and after["figure"])
    withdrawn = now.records[today]["withdrawn"]
    return {"id": today, "claim": after, "withdrawn": withdrawn} if differs or withdrawn else None


def write_files(edition: Edition, folder: Path) -> None:
    """A release's tables byte for byte, the descriptor beside them, the hashes, and all of it as a ZIP."""
    folder.mkdir(parents=True, exist_ok=True)
    described = published_descriptor(edition.described, edition.files)
    files = edition.files | {"datapackage.json": to_json(described).encode()}
    for name, raw in (files | {"SHA256SUMS": sums(files).encode()}).items():
        (folder / name).write_bytes(raw)
    write_zip(files, folder / f"{described['name']}-{edition.version}-tables.zip")
