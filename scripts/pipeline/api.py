"""Write the machine-readable addresses: static JSON and CSV beside the pages, of the data that the pages show."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from .compile import Table
from .coverage import years_of
from .descriptor import REGISTERS
from .openapi import ADDRESSES, openapi
from .release import COUNTED
from .tables import native, to_csv

if TYPE_CHECKING:
    from .site import SiteData

API = "api/v1/"
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*(/[A-Za-z0-9][A-Za-z0-9.+-]*)*")
Files = dict[str, dict[str, dict | str]]  # address without API → value of its parameter, or "" → content, or text


def write_api(data: "SiteData", site: Path) -> None:
    """Write the files of all ADDRESSES into the folder of a site."""
    files = _of_records(data) | _of_all(data)
    files["openapi.json"] = {"": _json(openapi(data.contract, data.model, data.version))}
    files["index.json"] = {"": _index(data, files)}
    for name, contents in files.items():
        for value, content in contents.items():
            text = content if isinstance(content, str) else _json({"version": data.version} | content)
            for address in ADDRESSES.keys() & {name, API + name}:
                write_file(site, re.sub(r"{\w+}", value, address), text)


def write_file(folder: Path, path: str, text: str) -> None:
    """Write a file below a folder. Raises ValueError for a path that might lead elsewhere."""
    if not _SAFE.fullmatch(path):
        raise ValueError(f"{path!r} is no address")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="")


def _json(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False, default=native) + "\n"


def _of_records(data: "SiteData") -> Files:
    """The files that are about records: one, several, or those of an organisation."""
    rows, kinds, years = _Rows(data), defaultdict(list), defaultdict(list)
    records = [rows.record(record) for record in data.records.values()]
    for record in records:
        kinds[record["kind"]].append(record)
        for year in years_of(record["period"]) if record["period"] else ():
            years[f"{year}-{(year + 1) % 100:02}"].append(record)
    whole = {i: rows.whole(record) for i, record in data.records.items()}
    whole = {former: whole[i] for former, i in data.former_ids()} | whole
    organisations = {i: rows.organisation(i) for i in data.shown_organisations}
    return {
        "records.json": {"": {"records": records}},
        "records/{record_id}.json": whole,
        "records/{record_id}.csv": {i: rows.csv([file]) for i, file in whole.items()},
        "kinds/{kind}.json": {kind: {"records": kinds[kind]} for kind in sorted(kinds)},
        "organisations/{organisation_id}.json": organisations,
        "organisations/{organisation_id}.csv": {i: rows.csv(file["records"]) for i, file in organisations.items()},
        "years/{financial_year}.json": {year: {"records": years[year]} for year in sorted(years)},
    }


def _of_all(data: "SiteData") -> Files:
    """The files about the whole: registers, releases, and what has changed since each that the history holds."""
    changes, releases = {}, []
    for since in data.editions:
        found = data.changes.get((since, data.version), [])  # none since the release that this is
        rows = [{name: text or None for name, text in vars(change).items()} for change in found]
        changes[since] = {"since": since, "changes": rows}
    for row in data.releases:
        address = f"{API}changes/{row['version']}.json" if row["version"] in changes else None
        releases.append(row | {name: int(row[name]) for name in COUNTED} | {"changes": address})
    return {
        "vocabularies.json": {"": {name: data.tables[name] for name in REGISTERS}},
        "releases.json": {"": {"releases": releases}},
        "changes/{version}.json": changes,
    }


def _index(data: "SiteData", files: Files) -> dict:
    about = {key: data.meta[key] for key in ("title", "description", "homepage")}
    about |= {"license": data.meta["licenses"][0]["name"], "date": data.as_of.isoformat()}
    values = {url: list(files[url.removeprefix(API)]) if "{" in url else None for url in ADDRESSES}
    return about | {"addresses": [{"url": url, "about": ADDRESSES[url], "values": values[url]} for url in ADDRESSES]}


class _Rows:
    """Rows in the contract's columns, each with those that belong to it."""

    def __init__(self, data: "SiteData"):
        self.data, self.columns = data, {name: data.contract.columns(name) for name in data.contract.tables}
        self.links = {name: _by_either_end(data.tables[name]) for name in ("record_links", "organisation_links")}

    def row(self, table: str, row: dict) -> dict:
        return {column: row[column] for column in self.columns[table]}

    def statement(self, said: dict) -> dict:
        """A claim, or a finding of a survey, with its evidence."""
        row = self.row("claims" if "claim_id" in said else "survey_findings", said)
        evidence = [self.row("evidence", e) | {"source": self.row("sources", e)} for e in said["evidence"]]
        return row | {"url": f"records/{said['record_id']}/#{said['id']}", "evidence": evidence}

    def record(self, record: dict) -> dict:
        """A record with its current claim."""
        current = record["current"] and self.statement(record["current"])
        return self.row("records", record) | {"url": f"records/{record['record_id']}/", "current_claim": current}

    def whole(self, record: dict) -> dict:
        """A record with all that belongs to it."""
        said = [self.statement(statement) for statement in record["statements"]]
        return {
            "url": f"records/{record['record_id']}/",
            "record": self.row("records", record),
            "claims": [] if record["survey"] else said,
            "survey": record["survey"],
            "findings": said if record["survey"] else [],
            "links": self.links["record_links"][record["record_id"]],
        }

    def organisation(self, name: str) -> dict:
        """An organisation with its records whole, and with what it said of others."""
        own = [self.whole(r) for r in self.data.records.values() if r["organisation_id"] == name]
        others = (s for record in self.data.spoke(name) for s in record["statements"])
        return {
            "url": f"organisations/{name}/",
            "organisation": self.data.organisations[name],
            "links": self.links["organisation_links"][name],
            "records": own,
            "said_of_others": [self.statement(s) for s in others if s.get("said_by_id") == name],
        }

    def csv(self, records: list[dict]) -> str:
        """What was said in whole records: a row for each statement and source, whose details begin with source_."""
        said = [(s, e) for record in records for s in record["claims"] + record["findings"] for e in s["evidence"]]
        rows = [s | e | {f"source_{name}": value for name, value in e["source"].items()} for s, e in said]
        columns = [c for table in ("claims", "survey_findings", "evidence") for c in self.columns[table]]
        columns += [f"source_{c}" for c in self.columns["sources"] if c != "source_id"]
        columns = list(dict.fromkeys(columns))
        return to_csv(Table("", columns, [{column: row.get(column) for column in columns} for row in rows]))


def _by_either_end(links: list[dict]) -> dict[str, list[dict]]:
    """Rows of links by what they lead from and by what they lead to."""
    found = defaultdict(list)
    for row in links:
        for end in {next(iter(row.values())), row["target_id"]}:
            found[end].append(row)
    return found
