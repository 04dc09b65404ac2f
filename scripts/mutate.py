#!/usr/bin/env python3
"""Plant single faults in real records, and report how many the check catches, each at its right file and line.

Beside it stand, on the same faults, the editor schema as check-jsonschema applies it, and frictionless validate alone.
Writes data/quality/seeded_faults.csv. Exit status: 0 the goal of 99 per cent is met, 1 it is not, 2 wrong use.
"""

import argparse
import csv
import io
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, lru_cache, partial
from operator import itemgetter
from pathlib import Path
from random import Random

import yaml
from check_jsonschema.parsers.yaml import construct_yaml_implementation, impl2loader
from jsonschema import Draft202012Validator

from pipeline import check as checking
from pipeline import contract, descriptor, read, values, words
from pipeline.compile import Table, source_id
from pipeline.descriptor import Descriptor
from pipeline.editor_schema import editor_schemas
from pipeline.faults import Fault
from pipeline.mutations import KINDS, Planted, Whole
from pipeline.rules import LINKS
from pipeline.tables import as_text, cell, to_csv

Tables = dict[str, Table]
SEED, GOAL = 20261121, 0.99
RESULT = descriptor.ROOT / "data" / "quality" / "seeded_faults.csv"
COLUMNS = ["kind", "what", "visible", "planted", "caught", "right_line", "editor_schema", "frictionless"]
LEVELS = {  # where a record's rows stand: in the record itself, in its claims or findings, in their sources
    "record": {"records": 0, "record_links": 0, "claims": 1, "evidence": 2, "sources": 2},
    "survey": {"records": 0, "record_links": 0, "surveys": 0, "survey_findings": 1, "evidence": 2, "sources": 2},
}
_ids = lru_cache(1)(lambda typer: frozenset(typer.dataset.record_ids()))
REMEMBERED = [  # what a bench does once while it is the same, so that the check is faster: of whom, what, known by what
    (read, "read_record", lambda path, _: (path, path.read_bytes())),
    (read, "read_register", lambda path, columns, _: (path, path.read_bytes())),
    (values.Typer, "record", lambda typer, doc, _: (id(doc), _ids(typer), *map(id, typer.dataset.registers.values()))),
    (values.Typer, "register", lambda typer, doc, _: id(doc)),
    (words, "readings", None),
    (words, "agrees", None),
    (checking, "contract_faults", None),
]
load_yaml = impl2loader(construct_yaml_implementation(), construct_yaml_implementation(pure=True))


class Bench:
    """A copy of the data in which one fault at a time is planted; what no fault touches is read and validated once."""

    def __init__(self, folder: Path):
        self.folder = Path(shutil.copytree(descriptor.ROOT / "data", folder / "data"))
        self.descriptor = descriptor.load()
        self.clean = checking.check(self.folder, self.descriptor)
        if self.clean.errors:
            sys.exit("The data has faults of its own: mend them first.")
        for owner, name, key in REMEMBERED:
            setattr(owner, name, remembered(getattr(owner, name), key) if key else getattr(owner, name))
        words.readings, words.agrees, clean = cache(words.readings), cache(words.agrees), self.clean.tables
        checking.contract_faults = lambda tables, d: contract.contract_faults(*narrowed(tables, clean, d))
        dataset = read.read_dataset(self.folder, [], {n: self.descriptor.columns(n) for n in descriptor.REGISTERS})
        self.whole = Whole(self.folder, dataset)
        schemas = editor_schemas(self.descriptor, self.clean.model)
        self.schemas = {root: Draft202012Validator(schema) for root, schema in schemas.items()}
        self.texts = {name: _table(name, t.columns, as_text(t)) for name, t in self.clean.tables.items()}

    def plant(self, kind: dict[str, str], count: int) -> list[Planted]:
        """Up to so many different faults of a kind, spread over the records."""
        rng, found = Random(f"{SEED} {kind['kind']}"), []
        pages = [self.whole.registers[kind["file"]]] * count if kind["file"] else [*self.whole.records.values()]
        for page in (page for _ in range(3) for page in rng.sample(pages, len(pages))):
            planted = page.plant(kind, rng) if len(found) < count else None
            if planted and planted not in found:
                found.append(planted)
        return found

    def outcome(self, planted: Planted) -> tuple[bool, bool, bool, bool]:
        """Whether the check caught it, at its right line; whether the editor schema did; whether Frictionless did."""
        faults = self.check(planted)
        ours = bool(faults), self.at_its_line(faults, planted)
        return *ours, self.schema_catches(planted), self.frictionless_catches(planted)

    def check(self, planted: Planted) -> list[Fault]:
        """What the check says with the fault in place; nothing where it breaks down, which it never should."""
        before = {name: self._write(name, raw) for name, raw in planted.files.items()}
        try:
            return checking.check(self.folder, self.descriptor).errors
        except Exception as error:
            print(f"the check broke down with {error!r} on {[*planted.files]}", file=sys.stderr)
            return []
        finally:
            for name, raw in before.items():
                self._write(name, raw)

    def at_its_line(self, faults: list[Fault], planted: Planted) -> bool:
        """Whether a message stands at a right place, or names it as the other side of a contradiction."""
        places = {f"{self.folder}/{file}:{line}" for file, line in planted.places}
        return any(places & {f"{f.file}:{f.line}", *re.findall(r"/\S+:\d+", f.message)} for f in faults)

    def _write(self, name: str, raw: bytes | None) -> bytes | None:
        """Put a file's bytes in place (None: no file), and give back those that stood there."""
        path = self.folder / name
        before = path.read_bytes() if path.is_file() else None
        path.unlink(missing_ok=True) if raw is None else path.write_bytes(raw)
        return before

    def schema_catches(self, planted: Planted) -> bool:
        files = {name: io.BytesIO(raw) for name, raw in planted.files.items() if raw and name.endswith(".yml")}
        schemas = (self.schemas["survey" if name.startswith("surveys") else "record"] for name in files)
        try:
            return not all(schema.is_valid(load_yaml(raw)) for schema, raw in zip(schemas, files.values(), strict=True))
        except Exception:  # whatever it says of a file that it cannot read
            return True

    def frictionless_catches(self, planted: Planted) -> bool:
        """The touched files compiled as they are typed, without our rules; what cannot be compiled is caught."""
        tables = dict(self.texts)
        try:
            for name, raw in planted.files.items():
                if name.endswith(".csv"):
                    header, *rows = csv.reader(raw.decode().splitlines(), strict=True)
                    rows = [dict(zip(header, row, strict=True)) for row in rows]
                    tables[Path(name).stem] = _table(Path(name).stem, header, rows)
                else:
                    self._compile(tables, name, raw)
        except (yaml.YAMLError, ValueError, csv.Error, AttributeError, TypeError, KeyError):
            return True
        return any(contract.contract_faults(*narrowed(tables, self.texts, self.descriptor)))

    def _compile(self, tables: Tables, name: str, raw: bytes | None) -> None:
        """Put what a record's file says in place of its rows; columns that are computed stay as they were."""
        id, root = Path(name).stem, "survey" if name.startswith("surveys") else "record"
        data = yaml.load(raw.decode(), Loader=yaml.CBaseLoader) if raw and name.endswith(".yml") else {}
        for table in LEVELS[root]:
            new = list(self._rows(table, root, data, id)) if data else []
            if table == "sources":
                merged = {row["url"]: row for row in tables[table].rows}
                for row in new:
                    merged[row["url"]] = merged.get(row["url"], row) | {k: v for k, v in row.items() if v}
                new = list(merged.values())
            kept = [row for row in tables[table].rows if table != "sources" and row["record_id"] != id]
            tables[table] = _table(table, tables[table].columns, kept + new)

    def _rows(self, table: str, root: str, data: dict, id: str) -> Iterator[dict]:
        """The rows that a record's data gives a table."""
        if table == "record_links":
            yield from ({"record_id": id, "link": k, "target_id": to} for k in LINKS for to in data.get(k, []))
            return
        old = [row for row in self.texts[table].rows if row.get("record_id", id) == id.removesuffix("-2")]
        prefix, said = root, [(dict(_texts(root, data)), data)]  # what is typed at each place and above it
        for key in ("findings" if root == "survey" else "claims", "sources")[: LEVELS[root][table]]:
            prefix += f".{key}[]"
            said = [(above | dict(_texts(prefix, item)), item) for above, part in said for item in part[key]]
        tables = sorted(LEVELS[root], key=lambda other: (LEVELS[root][other], other == table))
        entered = [(each, f["name"], path.removesuffix("[]")) for each in tables
                   for f in self.descriptor.fields(each) for path in f.get("entered", {})]  # fmt: skip
        own = {name: "" for each, name, path in entered if each == table and path.rpartition(".")[0] == prefix}
        for typed, part in said:
            row = {"record_id": id} | own | {name: typed[path] for _, name, path in entered if path in typed}
            if table in ("evidence", "sources"):
                row |= {"claim_id": typed.get(f"{prefix.removesuffix('.sources[]')}.id", ""), "cited": "1"}
                row |= {"source_id": source_id(part["url"])}
            primary = self.descriptor.tables[table]["schema"]["primaryKey"]
            base = next((r for r in old if all(r[k] == row.get(k) for k in primary)), (old or [{}])[0])
            row["review"] = row.get("review") or base.get("review", "")
            yield {column: row.get(column, base.get(column, "")) for column in self.texts[table].columns}


def _texts(prefix: str, mapping: dict) -> Iterator[tuple[str, str]]:
    """What is typed in a mapping, by its path; not what its lists of mappings hold."""
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield from _texts(f"{prefix}.{key}", value)
        elif isinstance(value, str) or isinstance(value[0], str):
            yield f"{prefix}.{key}", value if isinstance(value, str) else " ".join(value)


def _table(name: str, columns: list[str], rows: list[dict]) -> Table:
    return Table(name, columns, rows, [(read.Document("", {}), ())] * len(rows))


def remembered(function, key):
    """A function whose last argument collects faults, as one that does each job once unless it finds a fault."""
    known = {}

    def call(*args):
        at = key(*args)
        if at in known:
            return known[at][0]
        before, value = len(args[-1]), function(*args)
        if len(args[-1]) == before:
            known[at] = value, args  # the arguments too, so that no other takes their identity
        return value

    return call


def narrowed(tables: Tables, clean: Tables, contract: Descriptor) -> tuple[Tables, Descriptor]:
    """The tables, and their contract, cut down to what validation could judge otherwise than in the clean tables:
    rows that are new, share their key, or lost what they refer to; and the keys of the rows that these refer to."""
    schemas = {name: contract.tables[name]["schema"] for name in tables}
    links = [(name, key["fields"], key["reference"]["resource"] or name, key["reference"]["fields"])
             for name in tables for key in schemas[name].get("foreignKeys", [])]  # fmt: skip
    texts = cache(lambda name: [tuple(map(cell, row.values())) for row in tables[name].rows])

    def key(name: str, fields: list[str]) -> itemgetter:
        return itemgetter(*(tables[name].columns.index(field) for field in fields))

    def matching(name: str, fields: list[str], wanted: set[tuple], to: str, columns: list[str]) -> set[tuple]:
        """The rows of a table that agree in some fields with wanted rows of another."""
        known, own = set(map(key(to, columns), wanted)), key(name, fields)
        return {row for row in texts(name) if own(row) in known} if known else set()

    keep, gone = {name: set() for name in tables}, {name: set() for name in tables}
    for name in (name for name in tables if tables[name].rows != clean[name].rows):
        before, now = Counter(tuple(map(cell, row.values())) for row in clean[name].rows), Counter(texts(name))
        gone[name], primary = set(before - now), schemas[name]["primaryKey"]
        keep[name] = matching(name, primary, set(now - before), name, primary)
    for name, fields, to, columns in links:
        keep[name] |= matching(name, fields, gone[to], to, columns)
    judged, size = [name for name in keep if keep[name]], -1
    while size != sum(map(len, keep.values())):
        size = sum(map(len, keep.values()))
        for name, fields, to, columns in links:
            if name in judged:
                keep[to] |= matching(to, columns, keep[name], name, fields)
    small, resources = {}, []
    for name in dict.fromkeys([*judged, *(to for name, _, to, _ in links if name in judged)]):
        fields = [{k: f[k] for k in ("name", "type", "constraints") if k in f} for f in schemas[name]["fields"]]
        schema = (schemas[name] if name in judged else {}) | {"fields": fields}
        resources.append(contract.tables[name] | {"schema": schema})
        at = [i for i, row in enumerate(texts(name)) if row in keep[name]] if keep[name] else []
        rows, origins = ([of[i] for i in at] for of in (tables[name].rows, tables[name].origins))
        small[name] = Table(name, tables[name].columns, rows, origins)
    return small, Descriptor(contract.data | {"resources": resources})


@cache
def _bench(folder: str) -> Bench:
    """The bench of this process."""
    return Bench(Path(tempfile.mkdtemp(dir=folder)))


def _run(kind: dict[str, str], folder: str, count: int) -> dict[str, str | int]:
    """One kind, planted so many times, as a row of the result; what should have been caught and was not is printed."""
    planted = _bench(folder).plant(kind, count)
    answers = [_bench(folder).outcome(each) for each in planted]
    for each, (caught, right, *_) in zip(planted, answers, strict=True):
        if kind["visible"] == "true" and not right:
            print(f"{'wrong line' if caught else 'missed'}: {kind['kind']}, planted in {[*each.files][0]}", flush=True)
    totals = map(sum, zip(*answers, strict=True)) if answers else [0] * 4
    return dict(zip(COLUMNS, [*(kind[c] for c in COLUMNS[:3]), len(planted), *totals], strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=12, metavar="N", help="faults of each kind (default: 12)")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(partial(_run, folder=folder, count=count), KINDS))
    RESULT.write_text(to_csv(Table("seeded_faults", COLUMNS, rows)), encoding="utf-8", newline="")
    seen = [row for row in rows if row["visible"] == "true"]
    totals = {column: sum(row[column] for row in seen) for column in COLUMNS[3:]}
    print(f"visible in the record: {len(seen)} of {len(rows)} kinds, {totals}")
    return 0 if totals["caught"] >= GOAL * totals["planted"] else 1


if __name__ == "__main__":
    sys.exit(main())
