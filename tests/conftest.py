"""What the tests share: the real data, copies of it to break, and the real commands."""

import json
import os
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


@pytest.fixture
def data(tmp_path):
    """A copy of the real data folder, to break."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data"))


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
