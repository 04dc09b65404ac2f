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
from functools import cache
from pathlib import Path
from random import Random

import yaml
from check_jsonschema.parsers.yaml import construct_yaml_implementation, impl2loader
from jsonschema import Draft202012Validator

from pipeline import check as checking
from pipeline import contract, descriptor, read, values, words
from pipeline.compile import Table, source_id
from pipeline.editor_schema import editor_schemas
from pipeline.faults import Fault
from pipeline.mutations import KINDS, Page, Planted
from pipeline.rules import LINKS
from pipeline.tables import cell

SEED, GOAL = 20261121, 0.99
RESULT = descriptor.ROOT / "data" / "quality" / "seeded_faults.csv"
COLUMNS = ["kind", "what", "visible", "planted", "caught", "right_line", "editor_schema", "frictionless"]
LEVELS = {  # where a record's rows stand: in the record itself, in its claims or findings, in their sources
    "record": {"records": 0, "record_links": 0, "claims": 1, "evidence": 2, "sources": 2},
    "survey": {"records": 0, "record_links": 0, "surveys": 0, "survey_findings": 1, "evidence": 2, "sources": 2},
}
REMEMBERED = [  # what a bench makes faster
    (read, "read_record"), (read, "read_register"), (values.Typer, "record"), (values.Typer, "register"),
    (words, "readings"), (checking, "contract_faults"),
]  # fmt: skip
load_yaml = impl2loader(construct_yaml_implementation(), construct_yaml_implementation(pure=True))


class Bench:
    """A copy of the data in which one fault at a time is planted; what no fault touches is read and validated once."""

    def __init__(self, folder: Path):
        self.folder = Path(shutil.copytree(descriptor.ROOT / "data", folder / "data"))
        self.descriptor = descriptor.load()
        self.clean = checking.check(self.folder, self.descriptor)
        if self.clean.errors:
            sys.exit("The data has faults of its own: mend them first.")
        self._remember()
        dataset = read.read_dataset(self.folder, [], {n: self.descriptor.columns(n) for n in descriptor.REGISTERS})
        self.pages: dict[str, Page] = {}
        self.pages |= {id: Page(self.folder, doc, dataset, self.pages) for id, doc in dataset.records.items()}
        schemas = editor_schemas(self.descriptor, self.clean.model)
        self.schemas = {root: Draft202012Validator(schema) for root, schema in schemas.items()}
        self.texts = {name: _as_text(table) for name, table in self.clean.tables.items()}

    def _remember(self) -> None:
        """The same check, faster: what is read, typed or validated without a fault is so once while it is the same."""
        alike = lambda typer, document, faults: (  # noqa: E731
            id(document), frozenset(typer.dataset.record_ids()), *map(id, typer.dataset.registers.values())
        )  # fmt: skip
        remember(read, "read_record", lambda path, faults: (path, path.read_bytes()))
        remember(read, "read_register", lambda path, columns, faults: (path, path.read_bytes()))
        remember(values.Typer, "record", alike)
        remember(values.Typer, "register", lambda typer, document, faults: id(document))
        words.readings, clean = cache(words.readings), self.clean.tables
        checking.contract_faults = lambda tables, d: contract.contract_faults(*narrowed(tables, clean, d))

    def plant(self, kind: tuple, count: int) -> list[Planted]:
        """Up to so many different faults of a kind, spread over the records."""
        rng, found = Random(f"{SEED} {kind[0]}"), []
        for _ in range(3):
            for page in rng.sample(list(self.pages.values()), len(self.pages)):
                planted = kind[2](page, rng) if len(found) < count else None
                if planted and planted not in found:
                    found.append(planted)
        return found

    def outcome(self, planted: Planted) -> tuple[bool, bool, bool, bool]:
        """Whether the check caught it, at its right line; whether the editor schema did; whether Frictionless did."""
        faults = self.check(planted)
        others = self.schema_catches(planted), self.frictionless_catches(planted)
        return bool(faults), self.at_its_line(faults, planted), *others

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
        return any(
            (fault.file, fault.line) == (f"{self.folder}/{file}", line)
            or re.search(rf"{re.escape(f'{self.folder}/{file}:{line}')}(?!\d)", fault.message)
            for fault in faults
            for file, line in planted.places
        )

    def _write(self, name: str, raw: bytes | None) -> bytes | None:
        """Put a file's bytes in place (None: no file), and give back those that stood there."""
        path = self.folder / name
        before = path.read_bytes() if path.is_file() else None
        path.unlink(missing_ok=True) if raw is None else path.write_bytes(raw)
        return before

    def schema_catches(self, planted: Planted) -> bool:
        for name, raw in planted.files.items():
            if raw is not None and name.endswith(".yml"):
                try:
                    data = load_yaml(io.BytesIO(raw))
                except Exception:  # whatever it says of a file that it cannot read
                    return True
                if not self.schemas["survey" if name.startswith("surveys") else "record"].is_valid(data):
                    return True
        return False

    def frictionless_catches(self, planted: Planted) -> bool:
        """The touched files compiled as they are typed, without our rules; what cannot be compiled is caught."""
        tables = {name: Table(name, t.columns, list(t.rows), list(t.origins)) for name, t in self.texts.items()}
        try:
            for name, raw in planted.files.items():
                if name.endswith(".csv"):
                    header, *rows = csv.reader(raw.decode().splitlines(), strict=True)
                    if any(len(row) != len(header) for row in rows):
                        return True
                    rows = [dict(zip(header, row, strict=True)) for row in rows]
                    tables[Path(name).stem] = _table(Path(name).stem, header, rows)
                else:
                    self._compile(tables, name, raw)
        except (yaml.YAMLError, UnicodeDecodeError, csv.Error, AttributeError, TypeError, KeyError):
            return True
        return any(contract.contract_faults(*narrowed(tables, self.texts, self.descriptor)))

    def _compile(self, tables: dict[str, Table], name: str, raw: bytes | None) -> None:
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
        chains, prefix = [[data]], root
        for key in ("findings" if root == "survey" else "claims", "sources")[: LEVELS[root][table]]:
            chains = [[*chain, item] for chain in chains for item in chain[-1][key]]
        for chain in chains:
            said, prefix = {"record_id": id}, root
            for depth, mapping in enumerate(chain):
                prefix += ("", ".findings[]" if root == "survey" else ".claims[]", ".sources[]")[depth]
                for each in (each for each, level in LEVELS[root].items() if level == depth):
                    own = dict(self._typed(each, prefix, mapping))
                    said |= {k: v for k, v in own.items() if v or each == table and k not in said}
            if table in ("evidence", "sources"):
                said |= {"claim_id": chain[1].get("id", ""), "source_id": source_id(said["url"]), "cited": "1"}
            primary = self.descriptor.tables[table]["schema"]["primaryKey"]
            base = next((r for r in old if all(r[k] == said.get(k) for k in primary)), (old or [{}])[0])
            said["review"] = said.get("review") or base.get("review", "")
            yield {column: said.get(column, base.get(column, "")) for column in self.texts[table].columns}

    def _typed(self, table: str, prefix: str, mapping: dict) -> Iterator[tuple[str, str]]:
        """The columns of a table that are typed at one level of a record, with their text."""
        for field in self.descriptor.fields(table):
            for path in field.get("entered", {}):
                steps = path.removeprefix(prefix + ".").removesuffix("[]")
                if path.startswith(prefix + ".") and "[]" not in steps:
                    value = mapping
                    for step in steps.split("."):
                        value = value.get(step, {})
                    yield field["name"], " ".join(value) if isinstance(value, list) else value or ""


def _table(name: str, columns: list[str], rows: list[dict]) -> Table:
    return Table(name, columns, rows, [(read.Document("", {}), ())] * len(rows))


def _as_text(table: Table) -> Table:
    return _table(table.name, table.columns, [{k: cell(v) for k, v in row.items()} for row in table.rows])


def remember(owner, name: str, key) -> None:
    """Let a function of an owner, whose last argument collects faults, do each job once unless it finds a fault."""
    function, known = getattr(owner, name), {}

    def call(*args):
        at = key(*args)
        if at not in known:
            before, value = len(args[-1]), function(*args)
            if len(args[-1]) > before:
                return value
            known[at] = value, args  # the arguments too, so that no other takes their identity
        return known[at][0]

    setattr(owner, name, call)


def narrowed(
    tables: dict[str, Table], clean: dict[str, Table], contract: descriptor.Descriptor
) -> tuple[dict[str, Table], descriptor.Descriptor]:
    """The tables, and their contract, cut down to what validation could judge otherwise than in the clean tables:
    rows that are new, share their key, or lost what they refer to; and the keys of the rows that these refer to."""
    keep, gone = {}, {}
    schemas = {name: contract.tables[name]["schema"] for name in tables}
    texts = {name: [tuple(map(cell, row.values())) for row in table.rows] for name, table in tables.items()}

    def keys(name: str, fields: list[str], rows) -> list[tuple]:
        at = [tables[name].columns.index(f) for f in fields]
        return [tuple(row[i] for i in at) for row in rows]

    def matching(name: str, fields: list[str], wanted: set[tuple]) -> set[int]:
        return {i for i, key in enumerate(keys(name, fields, texts[name])) if key in wanted} if wanted else set()

    for name, table in clean.items():
        before = Counter(tuple(map(cell, row.values())) for row in table.rows)
        fresh = {i for i, row in enumerate(texts[name]) if before[row] <= 0 or before.subtract([row])}
        primary = schemas[name]["primaryKey"]
        keep[name] = matching(name, primary, set(keys(name, primary, (texts[name][i] for i in fresh)))) | fresh
        gone[name] = list(+before)
    links = [(name, key["fields"], key["reference"]["resource"] or name, key["reference"]["fields"])
             for name in tables for key in schemas[name].get("foreignKeys", [])]  # fmt: skip
    for name, fields, to, columns in links:
        keep[name] |= matching(name, fields, set(keys(to, columns, gone[to])))
    judged, size = {name for name in keep if keep[name]}, -1
    while size != sum(map(len, keep.values())):
        size = sum(map(len, keep.values()))
        for name, fields, to, columns in links:
            if name in judged:
                keep[to] |= matching(to, columns, set(keys(name, fields, (texts[name][i] for i in keep[name]))))
    resources = []
    for name in [*judged, *sorted({to for name, _, to, _ in links if name in judged} - judged)]:
        schema = dict(schemas[name]) if name in judged else {}
        used = {f for _, _, to, columns in links if to == name for f in columns}
        fields = [f for f in schemas[name]["fields"] if name in judged or f["name"] in used]
        schema["fields"] = [{k: f[k] for k in ("name", "type", "constraints") if k in f} for f in fields]
        resources.append({**contract.tables[name], "schema": schema})
    rows = {r["name"]: [{f["name"]: tables[r["name"]].rows[i][f["name"]] for f in r["schema"]["fields"]}
            for i in sorted(keep[r["name"]])] for r in resources}  # fmt: skip
    origins = {name: [tables[name].origins[i] for i in sorted(keep[name])] for name in rows}
    columns = {r["name"]: [f["name"] for f in r["schema"]["fields"]] for r in resources}
    small = {name: Table(name, columns[name], rows[name], origins[name]) for name in rows}
    return small, descriptor.Descriptor({**contract.data, "resources": resources})


# --- the command -------------------------------------------------------------------------------------------

_bench: Bench | None = None  # each process has its own


def _begin(folder: str) -> None:
    global _bench
    _bench = Bench(Path(tempfile.mkdtemp(dir=folder)))


def _run(task: tuple[int, int]) -> list[tuple]:
    """One kind, by its number, planted so many times: of each fault which file, and the four answers."""
    return [(next(iter(p.files)), *_bench.outcome(p)) for p in _bench.plant(KINDS[task[0]], task[1])]


def results(count: int) -> list[list[tuple]]:
    """The outcomes of every kind, in the order of the kinds."""
    tasks = [(number, count) for number in range(len(KINDS))]
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2, initializer=_begin, initargs=[folder]) as pool:
        return list(pool.map(_run, tasks))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=12, metavar="N", help="faults of each kind (default: 12)")
    count = parser.parse_args().count
    rows, missed = [], []
    for (name, what, _, visible), found in zip(KINDS, results(count), strict=True):
        totals = [sum(answers) for answers in zip(*(f[1:] for f in found), strict=True)] or [0] * 4
        rows.append(dict(zip(COLUMNS, [name, what, "true" if visible else "false", len(found), *totals], strict=True)))
        missed += [(name, "wrong line" if f[1] else "missed", f[0]) for f in found if visible and not (f[1] and f[2])]
    RESULT.parent.mkdir(exist_ok=True)
    with RESULT.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for word in ("true", "false"):
        own = [row for row in rows if row["visible"] == word]
        total = {column: sum(row[column] for row in own) for column in COLUMNS[3:]}
        print(f"{'visible in' if word == 'true' else 'hidden from'} the record: {len(own)} kinds, {total}")
    for name, how, file in missed:
        print(f"{how}: {name}, planted in {file}")
    seen = [row for row in rows if row["visible"] == "true"]
    return 0 if sum(r["caught"] for r in seen) >= GOAL * sum(r["planted"] for r in seen) else 1


if __name__ == "__main__":
    sys.exit(main())
