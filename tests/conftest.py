"""What the tests share: the real data, copies of it to break, and the real commands."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import descriptor
from pipeline.check import check
from pipeline.package import seal_package, version_of, write_package

ROOT = descriptor.ROOT


@pytest.fixture(scope="session")
def contract():
    return descriptor.load()


@pytest.fixture(scope="session")
def checked(contract):
    """The real data, checked; every test that uses it presumes that it is clean."""
    result = check(ROOT / "data", contract)
    assert not result.errors, "\n".join(f.message for f in result.errors)
    return result


@pytest.fixture(scope="session")
def package(checked, contract, tmp_path_factory):
    """The real data package, freshly written: the folder that holds package/ and the ZIP."""
    dist = tmp_path_factory.mktemp("dist")
    write_package(checked.tables, contract, dist)
    seal_package(checked.tables, contract, version_of(checked.tables, contract, ROOT / "data" / "tables"), [], dist)
    return dist


@pytest.fixture(scope="session")
def part(checked, tmp_path_factory):
    """A part of the real data that is whole in itself: the records that tests and founding claims name, and all that
    these link to; of the released tables and the logs the rows about them. Checked in a third of the time."""
    named = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    named += (ROOT / "scripts" / "pipeline" / "slips.csv").read_text(encoding="utf-8")
    named += (ROOT / "data" / "founding_claims.csv").read_text(encoding="utf-8")
    named += (ROOT / "scripts" / "templates" / "looks-wrong.md.j2").read_text(encoding="utf-8")
    records, links = checked.model.records, ("part_of", "overlaps", "offsets", "see_also")
    kept, reached = set(), set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", named)) & records.keys()
    while reached:
        kept |= reached
        reached = {target for id in reached for link in links for target in records[id].data.get(link, [])}
        complete = {id for id in kept if "breakdown" in records[id].data}  # whose parts add up
        reached |= {id for id, record in records.items() if complete & set(record.data.get("part_of", []))}
        reached -= kept
    folder = tmp_path_factory.mktemp("part") / "data"
    for file in [*(ROOT / "data").glob("*.csv"), *(ROOT / records[id].document.file for id in kept)]:
        target = folder / file.relative_to(ROOT / "data")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    for name in ("records", "claims", "survey_findings"):
        copy_rows(ROOT / "data" / "tables" / f"{name}.csv", folder / "tables" / f"{name}.csv", kept)
    copy_rows(ROOT / "data" / "audit_results.csv", folder / "audit_results.csv", kept)
    return folder


def copy_rows(source: Path, target: Path, kept: set[str]) -> None:
    """Copy a CSV file with the rows alone that are about records that are kept."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open(encoding="utf-8", newline="") as read, target.open("w", encoding="utf-8", newline="") as write:
        rows = csv.DictReader(read)
        writer = csv.DictWriter(write, rows.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row["record_id"] in kept)


@pytest.fixture
def data(part, tmp_path):
    """A copy of a part of the real data, to break."""
    return Path(shutil.copytree(part, tmp_path / "data"))


def run(script: str, *arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    """Run one of the commands as a user does, from cold."""
    return subprocess.run(
        [sys.executable, cwd / "scripts" / script, *map(str, arguments)],
        cwd=cwd,
        text=True,
        encoding="utf-8",
        capture_output=True,
        timeout=300,
        env=os.environ | environment,
    )


def faults(data: Path) -> list[dict]:
    """What the check says of a data folder: its JSON lines; asserts that it ended as its faults demand."""
    result = run("check.py", "--data", data, "--format", "json")
    assert "Traceback" not in result.stderr, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == (1 if any(f["severity"] == "error" for f in found) else 0), result.stderr
    return found


@pytest.fixture
def check_of():
    return faults


@pytest.fixture
def command():
    return run
