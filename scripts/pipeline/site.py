"""Make the site: a Markdown page for each record, organisation and list, and the site builder over all of them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from markupsafe import Markup

from . import charts, citation, counting, derive, metadata
from .api import write_api
from .archive import Edition, editions, pairs, write_archive
from .check import Checked, released_on
from .descriptor import FOLDERS, ROOT, Descriptor
from .editor_schema import editor_schemas
from .explore import explorable
from .faults import MESSAGES, slips
from .feeds import write_feeds
from .fitness import Judgement
from .openapi import ADDRESSES
from .package import to_json
from .pages import by_year, latest_corrections, mended, record_context, write_pages_of_registers
from .render import Figures, environment
from .tables import as_text, read_rows
from .values import period_span

GENERATED = ("totals.md", "founding.md", "dictionary.md", "download.md", "quality.md", "rules.md")
GENERATED += ("coverage.md", "api.md", "cite.md", "explore.md", "organisations/index.md", "releases/index.md")
RELEASES = ROOT / "data" / "releases.csv"  # written by scripts/release.py
SEEDED = ROOT / "data" / "quality" / "seeded_faults.csv"  # written by scripts/mutate.py
SPEED = ROOT / "data" / "quality" / "explore_speed.csv"  # written by scripts/benchmark_explore.py
LEVELS = ("national", "region", "system", "organisation", "none")
LINK_WORDS = {  # a link → how it reads from the record or organisation that has it, and from the one that it names
    "part_of": ("part of", "contains"),
    "overlaps": ("overlaps", "overlaps"),
    "offsets": ("offsets", "offset by"),
    "see_also": ("see also", "see also"),
    "succeeded_by": ("succeeded by", "successor of"),
    "partly_succeeded_by": ("partly succeeded by", "partly successor of"),
    "member_of": ("member of", "members"),
}


def build_site(checked: Checked, descriptor: Descriptor, version: str, verdicts: list[Judgement], dist: Path) -> Path:
    """Write the site of dist/package/ and of the ZIP beside it to dist/site/; returns that folder.

    The pages stand in dist/pages/ as Markdown before the site builder reads them. The same data gives the same bytes.
    """
    pages, site = dist / "pages", dist / "site"
    data, archive = SiteData(checked, descriptor, version, verdicts), dist / f"{descriptor.data['name']}-{version}.zip"
    past = list(data.editions.values())
    write_pages(data, dist / "package", archive, pages)
    _run_builder(pages, site, descriptor)
    for old, record in data.former_ids():
        _write_redirect(site / "records" / old / "index.html", record, data.address(record))
    write_archive(past, data.edition, data.changes, site)
    if past:
        write_feeds(past, data.changes, data.meta, site)
    shutil.copytree(dist / "package", site / "download", dirs_exist_ok=True)
    shutil.copy(archive, site / "download")
    for record_id, record in data.model.records.items():  # as its curators wrote it
        shutil.copyfile(ROOT / record.document.file, site / "records" / f"{record_id}.yml")
    _write_citations(data, site)
    (site / "schema").mkdir(exist_ok=True)
    for name, schema in editor_schemas(descriptor, checked.model).items():
        (site / "schema" / f"{name}.schema.json").write_text(to_json(schema), encoding="utf-8")
    write_api(data, site)
    compact = json.dumps(explorable(data), ensure_ascii=False, separators=(",", ":"))
    (site / "explore" / "claims.json").write_text(compact + "\n", encoding="utf-8")
    return site


def _run_builder(pages: Path, site: Path, descriptor: Descriptor) -> None:
    """Run MkDocs; any warning of it is an error. The clock stands at the day of the release."""
    clock = str(int(datetime.fromisoformat(descriptor.data["created"]).timestamp()))
    env = os.environ | {"SITE_PAGES": str(pages.absolute()), "SITE_URL": descriptor.data["homepage"]}
    env |= {"SOURCE_DATE_EPOCH": clock, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]  # --quiet would hide warnings
    command += ["--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(site.absolute())]
    result = subprocess.run(command, cwd=ROOT, env=env, text=True, encoding="utf-8", capture_output=True)
    if result.returncode:
        raise RuntimeError(f"the site was not built:\n{result.stdout}{result.stderr}")
    shutil.rmtree(site / "assets" / "javascripts")  # the theme's scripts, which no page loads


def _write_redirect(path: Path, record: str, address: str) -> None:
    """A page at an old address that leads to the record's new one; both are made of ids alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Moved</title>'
    head += """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'">"""
    link = f'<link rel="canonical" href="{address}"><meta http-equiv="refresh" content="0; url=../{record}/">'
    path.write_text(f'{head}{link}<p>Now at <a href="../{record}/">{address}</a>.</p></html>\n', encoding="utf-8")


# --- the data as pages need it -----------------------------------------------------------------------------


class SiteData:
    """The compiled tables, indexed and joined for pages. Rows keep the contract's columns and may gain more."""

    def __init__(self, checked: Checked, descriptor: Descriptor, version: str, verdicts: list[Judgement]):
        self.model, self.contract, self.version = checked.model, descriptor, version
        self.verdicts = verdicts
        self.tables = {name: table.rows for name, table in checked.tables.items()}
        self.meta, self.as_of = descriptor.data, released_on(descriptor)
        self.described = self.meta | {"version": version}
        self.organisations = self._by("organisations")
        self.measures, self.statuses = self._by("measures"), self._by("statuses")
        self.types = self._by("organisation_types")
        self.titles = {f["name"]: f["title"] for f in descriptor.fields("records")}
        self.figures = Figures(self._by("units"), self.measures, self._by("qualifiers"))
        self.names = {("stages", row["kind"], row["stage"]): row["name"] for row in self.tables["stages"]}
        for table in ("statuses", "mechanisms", "units"):
            self.names |= {(table, key): row["name"] for key, row in self._by(table).items()}
        self.records = {r["record_id"]: dict(r) for r in self.tables["records"]}
        self.releases = read_rows(RELEASES)
        self.editions = {edition.version: edition for edition in editions()}
        texts = {name: as_text(table) for name, table in checked.tables.items()}
        self.edition = Edition(version, self.as_of.isoformat(), texts, self.meta)
        self.changes = pairs([*self.editions.values(), *([] if version in self.editions else [self.edition])])
        self._join()

    def _by(self, table: str) -> dict[str, dict]:
        return {next(iter(row.values())): row for row in self.tables[table]}

    def _join(self) -> None:
        """Give every record its statements, links and sources."""
        sources, rank = self._by("sources"), {"origin": 0, "repeats": 1, "disputes": 2}
        evidence = defaultdict(list)
        for row in self.tables["evidence"]:
            evidence[row["record_id"], row["claim_id"]].append(row | sources[row["source_id"]])
        for row in [*self.tables["claims"], *self.tables["survey_findings"]]:
            record = self.records[row["record_id"]]
            name = row.get("claim_id") or row["finding_id"]
            said = sorted(evidence[row["record_id"], name], key=lambda e: rank[e["role"]])
            words = {"figure": self.figures.claim(row), "share": self.figures.share(row)}
            record.setdefault("statements", []).append(row | words | {"id": name, "evidence": said, "record": record})
        surveys = self._by("surveys")
        for record_id, record in self.records.items():
            claims = self.model.records[record_id].claims
            claims = claims if record["kind"] == "survey" else derive.in_order(claims)
            order = {claim["id"]: place for place, claim in enumerate(claims)}
            statements = record.setdefault("statements", [])
            statements.sort(key=lambda s: order[s["id"]])
            used = {e["source_id"]: e for s in statements for e in s["evidence"]}
            current = next((s for s in statements if s.get("is_current")), None)
            record |= {"current": current, "sources": list(used.values()), "survey": surveys.get(record_id)}

    @cached_property
    def links(self) -> dict[str, dict[str, dict[str, dict[str, str | None]]]]:
        """By table the links of a record or organisation, both ways: in words, the ids they lead to, and since when."""
        found = {table: defaultdict(lambda: defaultdict(dict)) for table in ("record_links", "organisation_links")}
        for table, linked in found.items():
            for row in self.tables[table]:
                origin, (there, back) = next(iter(row.values())), LINK_WORDS[row["link"]]
                linked[origin][there][row["target_id"]] = row.get("date")
                linked[row["target_id"]][back][origin] = row.get("date")
        return found

    def mentions(self, text: str) -> list[tuple[str, str | None]]:
        """A text cut where it names a record by its id: each piece with that id, or with None."""
        parts = re.split(r"([a-z0-9]+(?:-[a-z0-9]+)+)", text)
        return [(part, part if part in self.records else None) for part in parts]

    def label(self, column: str, value: str | None) -> str:
        """What a word of a vocabulary is called, by the register of mechanisms or by the contract's categories."""
        if column == "mechanism" and value:
            return self.names["mechanisms", value]
        fields = (f for table in self.contract.tables for f in self.contract.fields(table) if f["name"] == column)
        return next((c["label"] for f in fields for c in f.get("categories", []) if c["value"] == value), value or "")

    def address(self, record_id: str) -> str:
        return f"{self.meta['homepage'].rstrip('/')}/records/{record_id}/"

    def former_ids(self) -> list[tuple[str, str]]:
        """Every former id with the id that the record has now; what is no id is no address either."""
        pairs = [(old, i) for i, record in self.records.items() for old in (record["former_ids"] or "").split()]
        return [(old, i) for old, i in pairs if re.fullmatch(r"[a-z0-9-]+", old)]

    @cached_property
    def cited(self) -> dict[str, list[citation.Cited]]:
        """How each record, and after it each of its statements, is cited."""
        return {i: citation.of_record(self.described, r, self.address(i)) for i, r in self.records.items()}

    @cached_property
    def totals(self) -> list[dict]:
        """counting.totals, each with the records counted in it and those of its key that are not."""
        members = defaultdict(list)
        for record in self.records.values():
            members[record["measure"], record["level"], record["period"]].append(record)
        rows = [t | {"counted": [], "left": []} for t in counting.totals(self.model)]
        for total in rows:
            for record in members[total["measure"], total["level"], total["period"]]:
                total["counted" if record["counted"] else "left"].append(record)
            about = any(r["current"]["qualifier"] == "about" for r in total["counted"])
            total["figure"] = self.figures.interval(total["low"], total["high"], total["unit"], about)
        rank = {key: place for place, key in enumerate([*self.measures, *LEVELS])}
        return sorted(rows, key=lambda t: (rank[t["measure"]], rank[t["level"]], _newest_first(t["period"])))

    def leading_totals(self) -> list[dict]:
        """One total of each kind: of its first measure at its widest level, the one of most records."""
        found: dict[str, dict] = {}
        for (kind, *_), group in groupby(self.totals, key=itemgetter("kind", "measure", "level")):
            found.setdefault(kind, max(group, key=itemgetter("records")))
        return list(found.values())

    def newest(self, count: int) -> list[dict]:
        claims = [s for r in self.records.values() if not r["withdrawn"] for s in r["statements"] if "date" in s]
        return sorted(claims, key=lambda s: (s["date"], s["record_id"]), reverse=True)[:count]

    def of_kind(self, kind: str) -> list[dict]:
        return [r for r in self.records.values() if r["kind"] == kind and not r["withdrawn"]]

    def groups(self, kind: str) -> list[tuple[str, list[dict]]]:
        """A kind's records for its list: cuts by measure; deficits and deals by period, the latest first."""
        found = defaultdict(list)
        for record in sorted(self.of_kind(kind), key=lambda r: (LEVELS.index(r["level"]), r["organisation_name"])):
            found[record["measure"] if kind == "cut" else record["period"]].append(record)
        if kind == "cut":
            return [(m["name"], found[m["measure"]]) for m in self.tables["measures"] if found[m["measure"]]]
        return sorted(found.items(), key=lambda group: (_newest_first(group[0]), group[0] or ""))

    def outcome(self, record: dict) -> dict | None:
        """Plan and outcome where both are known, with the outcome in per cent of the plan where both are points."""
        after = record["current"]
        if not after or after["stage"] not in derive.OUTCOMES:
            return None
        plan = derive.planned_claim(self.model.records[record["record_id"]])
        before = next((s for s in record["statements"] if plan and s["id"] == plan["id"]), None)
        return before and {"plan": before, "outcome": after, "percent": _percent(before, after)}

    def spoke(self, organisation_id: str) -> list[dict]:
        """The records of others in which an organisation is said to have spoken."""
        return [r for r in self._spoken[organisation_id] if r["organisation_id"] != organisation_id]

    @cached_property
    def _spoken(self) -> dict[str, list[dict]]:
        found = defaultdict(list)
        for record in self.records.values():
            for speaker in {s.get("said_by_id") for s in record["statements"]}:
                found[speaker].append(record)
        return found

    @cached_property
    def shown_organisations(self) -> dict[str, dict]:
        """Organisations that have a page: those with a record, and those that said something."""
        counts = Counter(r["organisation_id"] for r in self.records.values())
        ids = counts.keys() | {c["said_by_id"] for c in self.tables["claims"]}
        return {i: o | {"records": counts[i]} for i, o in self.organisations.items() if i in ids}

    def versions_of(self, record_id: str) -> list[str]:
        """The releases that hold a record under this id."""
        return [version for version, edition in self.editions.items() if record_id in edition.records]

    @cached_property
    def fed(self) -> set[str]:
        """Organisations with a feed: those with a record in a release."""
        return {row["organisation_id"] for edition in self.editions.values() for row in edition.tables["records"]}

    def children(self, organisation_id: str) -> list[str]:
        """The organisations with a page that belong to this one."""
        return [i for i, o in self.shown_organisations.items() if o["parent_id"] == organisation_id]


def _percent(plan: dict, outcome: dict) -> str | None:
    """An outcome in per cent of its plan; None unless both are points and neither is below zero."""
    before, after = plan["value"], outcome["value"]
    if before is None or after is None or before <= 0 or after < 0:
        return None
    about = "about" in (plan["qualifier"], outcome["qualifier"])
    return f"{'about ' if about else ''}{round(after * 100 / before)}%"


def _newest_first(text: str | None) -> tuple:
    """A sorting key for periods: the one that ends last comes first, an open end before all."""
    start, end = period_span(text) if text else (None, None)
    return (-(end.toordinal() if end else 10**7), -(start.toordinal() if start else 0))


# --- pages -------------------------------------------------------------------------------------------------


def write_pages(data: SiteData, package: Path, archive: Path, folder: Path) -> None:
    """Write every page as Markdown: the hand-written ones from docs/, the others from templates."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    shown = {"meta": data.meta, "version": data.version, "as_of": data.as_of, "names": data.names}
    quality = {"messages": MESSAGES, "slips": slips(), "seeded": read_rows(SEEDED) if SEEDED.is_file() else []}
    quality["speed"] = read_rows(SPEED) if SPEED.is_file() else []
    counts = {name: len(rows) for name, rows in data.tables.items()}
    files = metadata.files_of(package, archive)
    sizes = {file.name: file.bytes for file in files}
    sizes["parquet"] = sum(file.bytes for file in files if file.name.endswith(".parquet"))
    documents = metadata.documents(described, counts, files)
    shown |= {"documents": documents, "linked": metadata.embedded(metadata.schema_org(described, counts, files))}
    shown |= {"dataset": citation.of_dataset(described), "lengths": citation.sizes(described)}
    env = environment(site=data, package=described, sizes=sizes, addresses=ADDRESSES, **shown, **quality)
    env.filters |= {"forms": citation.forms, "pasted": citation.pasted}

    def write(path: str, template: str, **context: object) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        above = path.count("/") + (not path.endswith("index.md"))  # a page stands in a folder of its own
        page = env.get_template(f"{template}.j2").render(root=Markup("../" * above), **context)
        target.write_text(page, encoding="utf-8")

    for path in GENERATED:
        write(path, path)
    (folder / "download").mkdir()
    for name, text in documents.items():
        (folder / "download" / name).write_text(text, encoding="utf-8")
    pictures = charts.write_charts(data, folder)
    write("charts/index.md", "charts.md", pictures=pictures)
    for chart in pictures:
        write(f"charts/{chart.name}.md", "chart.md", chart=chart)
    for name, kind in FOLDERS.items():
        write(f"{name}.md", "list.md", name=name, kind=kind)
    write_pages_of_registers(data, write)
    changed, owned = mended(data), defaultdict(list)
    corrections = latest_corrections(data, changed, 6)
    write("index.md", "index.md", picture=charts.home(data), corrections=corrections)
    for record_id, record in data.records.items():
        owned[record["organisation_id"]].append(record)
        form = metadata.schema_org_record(described, record, data.address(record_id))
        about = {"outcome": data.outcome(record), "cited": data.cited[record_id], "linked": metadata.embedded(form)}
        about |= {"picture": charts.vintages(data, record)} | record_context(data, record, changed[record_id])
        write(f"records/{record_id}.md", "record.md", record=record, **about)
    for name, organisation in data.shown_organisations.items():
        years = by_year(owned[name])
        write(f"organisations/{name}.md", "organisation.md", organisation=organisation, years=years)
    for before, edition in zip([None, *data.editions.values()], data.editions.values(), strict=False):
        since = data.changes[before.version, edition.version] if before else []
        write(f"releases/{edition.version}.md", "release.md", edition=edition, before=before, changes=since)


def _write_citations(data: SiteData, site: Path) -> None:
    """The files of citations beside the pages of the dataset, of each record and of each organisation with records."""
    citation.write_citations([citation.of_dataset(data.described)], site / "cite")
    organisations = defaultdict(list)
    for record_id, cited in data.cited.items():
        citation.write_citations(cited, site / "records" / record_id)
        organisations[data.records[record_id]["organisation_id"]] += cited
    for organisation_id, cited in organisations.items():
        citation.write_citations(cited, site / "organisations" / organisation_id)
