#!/usr/bin/env python3
"""Time the check beside Frictionless on the tables it makes and check-jsonschema on the same record files.

Every run is a whole process from cold. The records are the real ones and copies of them with other ids, organisations,
dates, periods, addresses and, where the words repeat its digits, another figure; the same on every run.
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from pipeline import descriptor
from pipeline.check import check
from pipeline.contract import flat_descriptor
from pipeline.descriptor import FOLDERS, REGISTERS, ROOT
from pipeline.editor_schema import editor_schemas
from pipeline.rules import LINKS
from pipeline.tables import write_tables
from pipeline.values import is_financial_year

DATA = ROOT / "data"
DROPPED = ("former_ids", "replaced_by", "breakdown")  # which a copy with other figures cannot keep
BIN = Path(sys.executable).parent
LOADER = type("Text", (yaml.CSafeLoader,), {"yaml_implicit_resolvers": {}})  # every value as the text that it is
DUMPER = type("Text", (yaml.CSafeDumper,), {"yaml_implicit_resolvers": {}})  # and so back


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[1000, 20000], metavar="N", help="how many records")
    print(" records  check s    MB  frictionless s  check-jsonschema s   check against them")
    for size in [None, *parser.parse_args().sizes]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = DATA if size is None else write_data(folder / "data", size)
            report(data, folder, runs=1 if size and size > 5000 else 3)
    return 0


# --- the records -------------------------------------------------------------------------------------------


def write_data(folder: Path, size: int) -> Path:
    """A data folder of the real registers and `size` records: the real ones, then generation upon generation."""
    patterns = {path: yaml.load(path.read_bytes(), LOADER) for path in sorted(DATA.glob("*/*.yml"))}
    files = [(number, path) for number in range(size // len(patterns) + 1) for path in patterns][:size]
    organisations = [line.split(",")[0] for line in (DATA / "organisations.csv").read_text("utf-8").splitlines()[1:]]
    chance = random.Random(0)
    whose = {(number, path.stem): chance.choice(organisations) for number, path in files}
    ids = {key: f"{whose[key].lower()[:50]}-{i}" if key[0] else key[1] for i, key in enumerate(whose)}
    links = {
        number: {stem: id for (n, stem), id in ids.items() if n == number} for number, _ in files[:: len(patterns)]
    }
    folder.mkdir()
    for name in REGISTERS:
        shutil.copy(DATA / f"{name}.csv", folder)
    for kind in FOLDERS:
        (folder / kind).mkdir()
    for number, path in files:
        text = path.read_text("utf-8")
        if number:
            copy = _varied(patterns[path], number, whose[number, path.stem], links[number])
            text = yaml.dump(copy, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=1000)
        (folder / path.parent.name / f"{ids[number, path.stem]}.yml").write_text(text, encoding="utf-8")
    return folder


def _varied(pattern: dict, number: int, organisation: str, links: dict[str, str]) -> dict:
    """A generation's copy of a record: its organisation, links, dates and addresses, and some figures, differ."""
    chance = random.Random(f"{number} {pattern['title']}")
    years = random.Random(number).randint(-30, 60)

    def value_of(key: str, value):
        if isinstance(value, dict):
            return {k: value_of(k, v) for k, v in value.items()}
        if key in LINKS:
            return [links[v] for v in value if v in links]
        if isinstance(value, list):
            return [value_of(key, v) for v in value]
        if key in ("organisation", "by_organisation"):
            return organisation
        if key in ("url", "archived", "seen_at"):
            return f"{value}{'&' if '?' in value else '?'}copy={number}"
        if key in ("date", "period", "published", "accessed"):
            return _later(value, years)
        return value

    record = {k: v for k, v in value_of("", pattern).items() if v and k not in DROPPED}
    if "claims" in record:
        record["scope"] = record.get("scope", {}) | {"boundary": f"copy {number} of {pattern['title']}"}
    for claim in record.get("claims", []):
        _new_figure(record, claim, chance)
    return record


def _later(text: str, years: int) -> str:
    """A date or period some years on, on no 29 February."""
    text = re.sub(r"(\d{4})-02-29", r"\1-02-28", text)
    if all(map(is_financial_year, text.split(" to "))):
        return re.sub(r"(\d{4})-\d{2}", lambda m: f"{int(m[1]) + years}-{(int(m[1]) + years + 1) % 100:02}", text)
    return re.sub(r"\d{4}", lambda m: str(int(m[0]) + years), text)


def _new_figure(record: dict, claim: dict, chance: random.Random) -> None:
    """Another first digit for a claim's value, where every source says it in digits and nothing else it says does."""
    value = claim.get("value", "")
    if not re.fullmatch(r"\d{3,7}", value) or {"share", "derived"} & claim.keys():
        return
    written = re.compile(rf"(?<![\d.,]){f'({value}|{int(value):,})'}(?![\d,]|\.\d)")
    if all(len(written.findall(s["says"])) == 1 and len(re.findall(r"\d+", s["says"])) <= 2 for s in claim["sources"]):
        claim["value"] = f"{chance.randint(1, 9)}{value[1:]}"
        for part, key in [(record, "title"), *((source, "says") for source in claim["sources"])]:
            part[key] = written.sub(lambda m: claim["value"][0] + m[0][1:], part[key])


# --- the runs ----------------------------------------------------------------------------------------------


def report(data: Path, folder: Path, runs: int) -> None:
    """Check the data, lay out what the other two need, and print one line of times."""
    contract = descriptor.load()
    checked = check(data, contract)
    assert not checked.errors, "\n".join(f"{f.file}:{f.line}: {f.message}" for f in checked.errors[:20])
    write_tables(checked.tables, folder / "tables")
    (folder / "tables" / "datapackage.json").write_text(json.dumps(flat_descriptor(contract.data)), encoding="utf-8")
    schema = folder / "record.schema.json"
    schema.write_text(json.dumps(editor_schemas(contract, checked.model)["record"]), encoding="utf-8")
    files = [path for kind in FOLDERS if kind != "surveys" for path in sorted((data / kind).glob("*.yml"))]
    ours, memory = timed([sys.executable, ROOT / "scripts" / "check.py", "--data", data], folder, runs)
    frictionless, _ = timed([BIN / "frictionless", "validate", "datapackage.json"], folder / "tables", runs)
    jsonschema, _ = timed([BIN / "check-jsonschema", "--schemafile", schema, *files], folder, runs)
    print(
        f"{len(checked.model.records):>8,} {ours:>8.2f} {memory:>5.0f} {frictionless:>15.2f} {jsonschema:>19.2f}"
        f"   {ours / frictionless:.2f} × Frictionless, {jsonschema / ours:.1f} times as fast as check-jsonschema",
        flush=True,
    )


def timed(command: list, folder: Path, runs: int) -> tuple[float, float]:
    """Median wall seconds and peak megabytes of a command that must succeed, run alone and from cold."""
    seconds, peaks = [], []
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, f"{command[0]} ended with {process.returncode}"
        seconds.append(time.perf_counter() - start)
        peaks.append(usage.ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1))
    return statistics.median(seconds), statistics.median(peaks)


if __name__ == "__main__":
    sys.exit(main())
