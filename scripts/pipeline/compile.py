"""Compile the model into the published tables: rows of plain values, each knowing the place it came from."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from . import audit, counting, derive
from .coverage import coverage
from .descriptor import REGISTERS, Descriptor
from .read import Document
from .rules import LINKS, Model, Record
from .values import period_span


@dataclass
class Table:
    """Rows in the contract's columns; origins says for each row which file and path it was compiled from."""

    name: str
    columns: list[str]
    rows: list[dict] = field(default_factory=list)
    origins: list[tuple[Document, tuple]] = field(default_factory=list)

    def add(self, row: dict, document: Document, path: tuple = ()) -> None:
        assert row.keys() <= set(self.columns), f"{self.name} has no column {row.keys() - set(self.columns)}"
        self.rows.append({column: row.get(column) for column in self.columns})
        self.origins.append((document, path))

    def copied(self, data: dict) -> dict:
        """What of a curated mapping stands in the table under the same name."""
        return {column: data[column] for column in self.columns if column in data}

    def sort(self, keys: list[str]) -> None:
        """Order the rows by their primary key, so that the same data always gives the same bytes."""
        order = sorted(range(len(self.rows)), key=lambda i: [str(self.rows[i][k]) for k in keys])
        self.rows = [self.rows[i] for i in order]
        self.origins = [self.origins[i] for i in order]


def compile_tables(
    model: Model, registers: dict[str, Document], descriptor: Descriptor, as_of: date
) -> dict[str, Table]:
    """Every published table by name, in the order of the contract. as_of is the day that statuses refer to."""
    tables = {name: Table(name, descriptor.columns(name)) for name in descriptor.tables}
    for name in REGISTERS:
        for index, row in enumerate(model.registers[name]):
            tables[name].add(row, registers[name], (index,))
    for row in coverage(model, as_of):
        tables["coverage"].add(row, registers["organisations"])
    for row in audit.summary(model.registers["audit_results"]):
        tables["audits"].add(row, registers["audit_results"])
    _Compiler(model, tables, as_of).run()
    for name, table in tables.items():
        if name not in REGISTERS:  # a register keeps the order its curators gave it
            table.sort(descriptor.tables[name]["schema"]["primaryKey"])
    return tables


@lru_cache(maxsize=1024)
def source_id(url: str) -> str:
    """A source's permanent id: its host, and eight hexadecimal digits of the address's SHA-256."""
    host = re.sub(r"[^a-z0-9]+", "-", (urlsplit(url).hostname or "").removeprefix("www.")).strip("-")
    return f"{host or 'source'}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"


class _Compiler:
    """Fills the tables that come from records."""

    def __init__(self, model: Model, tables: dict[str, Table], as_of: date):
        self.model, self.tables, self.as_of = model, tables, as_of
        self.stages = model.by_id("stages", "kind", "stage")
        self.organisations = model.by_id("organisations")
        self.measures = model.by_id("measures")
        self.reasons = counting.counting(model)
        self.sources = derive.cited(model.records.values())

    def run(self) -> None:
        for record in self.model.records.values():
            current = None if record.kind == "survey" else derive.current_claim(record, self.stages)
            shared, verdict = self._shared(record), self._verdict(record, current)
            self._record(record, current, shared | verdict)
            self._links(record)
            self._evidence(record)
            if record.kind == "survey":
                self._survey(record, shared)
            else:
                self._claims(record, current, shared)
                self._flat(record, current, shared | verdict)
        self._sources()

    def _shared(self, record: Record) -> dict:
        """The columns that records, claims and the flat tables have in common."""
        organisation = self.organisations[record.data["organisation"]]
        shared = {
            "record_id": record.id,
            "organisation_id": organisation["organisation_id"],
            "organisation_name": organisation["name"],
            "level": counting.level(record, self.model),
            "region": organisation["region"],
        }
        if record.kind != "survey":
            shared |= {"measure": record.data["measure"], "unit": self.measures[record.data["measure"]]["unit"]}
            shared |= _period(record.data["period"])
        return shared

    def _verdict(self, record: Record, current: dict | None) -> dict:
        return {
            "title": record.data["title"],
            "status": derive.status(record, self.model, self.as_of),
            "claims": len(record.claims),
            "origins": derive.origins(current, self.sources) if current else 0,
            "counted": not self.reasons[record.id],
            "why_not_counted": self.reasons[record.id] or None,
        }

    def _record(self, record: Record, current: dict | None, common: dict) -> None:
        table, data = self.tables["records"], record.data
        dates = [c["date"] for c in record.claims if "date" in c] or [data.get("published")]
        row = table.copied(data) | common | data.get("scope", {})
        row |= {"kind": record.kind, "current_claim_id": current and current["id"]}
        row |= {"first_said": min(dates), "last_said": max(dates)}
        row |= {"former_ids": " ".join(data.get("former_ids", [])) or None}
        table.add(row, record.document)

    def _links(self, record: Record) -> None:
        for link in LINKS:
            for i, target in enumerate(record.data.get(link, [])):
                row = {"record_id": record.id, "link": link, "target_id": target}
                self.tables["record_links"].add(row, record.document, (link, i))

    def _evidence(self, record: Record) -> None:
        table = self.tables["evidence"]
        for path, claim, source in record.sources():
            row = table.copied(source) | {"record_id": record.id, "claim_id": claim["id"]}
            row |= {"source_id": source_id(source["url"]), "in_unit": source.get("in")}
            table.add(row, record.document, path)

    def _claims(self, record: Record, current: dict | None, shared: dict) -> None:
        table, replaced = self.tables["claims"], derive.replaced_on(record)
        for i, claim in enumerate(record.claims):
            row = table.copied(claim) | shared | _period(claim.get("period", record.data["period"]))
            row |= {f"share_{key}": value for key, value in claim.get("share", {}).items()}
            row |= {"claim_id": claim["id"], "kind": record.kind, "is_current": claim is current}
            row |= {"said_by": claim.get("by"), "said_by_id": claim.get("by_organisation")}
            row |= {"replaced_on": replaced.get(claim["id"]), "review": derive.review(claim, self.sources)}
            row |= {"disputed": any(source["role"] == "disputes" for source in claim["sources"])}
            row |= {"origins": derive.origins(claim, self.sources)}
            table.add(row, record.document, ("claims", i))

    def _flat(self, record: Record, current: dict | None, common: dict) -> None:
        table = self.tables[f"{record.kind}s"]
        organisation = self.organisations[record.data["organisation"]]
        row = common | {"organisation_type": organisation["type"]}
        for side, claim in (("current", current), ("first", derive.in_order(record.claims)[0])):
            for key in ("stage", "date", "value", "low", "high", "qualifier"):
                row[f"{side}_{key}"] = claim and claim.get(key)
        table.add(row | table.copied(record.data.get("scope", {})), record.document)

    def _survey(self, record: Record, shared: dict) -> None:
        surveys, findings = self.tables["surveys"], self.tables["survey_findings"]
        row = surveys.copied(record.data) | surveys.copied(shared)
        surveys.add(row | {"findings": len(record.claims)}, record.document)
        for i, finding in enumerate(record.claims):
            row = findings.copied(finding) | {"record_id": record.id, "finding_id": finding["id"]}
            row |= {"origins": derive.origins(finding, self.sources), "review": derive.review(finding, self.sources)}
            findings.add(row, record.document, ("findings", i))

    def _sources(self) -> None:
        first = {}
        for record in self.model.records.values():
            for path, _, source in record.sources():
                first.setdefault(source["url"], (record.document, path))
        for url, source in self.sources.items():
            self.tables["sources"].add(source | {"source_id": source_id(url)}, *first[url])


def _period(text: str) -> dict:
    start, end = period_span(text)
    return {"period": text, "period_start": start and start.isoformat(), "period_end": end and end.isoformat()}
