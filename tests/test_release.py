"""A release writes the compiled tables, version and date together; between releases nothing does."""

import json
import subprocess
from datetime import date

import pytest

from pipeline.descriptor import ROOT, Descriptor
from pipeline.package import release_differs
from pipeline.release import NotReleasable, release, released_changelog


@pytest.fixture
def clone(tmp_path):
    """What git would give a contributor: every tracked file, in a repository of its own."""
    tracked = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    for name in filter(None, tracked):
        target = tmp_path / "clone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    return tmp_path / "clone"


def test_released_tables_follow_from_the_records_or_the_version_says_unreleased(checked, contract):
    differs = release_differs(checked.tables, ROOT / "data" / "tables")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("## Unreleased\n")[1].split("\n## ")[0].strip()
    assert bool(changes) >= differs, "data that moved on since the release is described under Unreleased"


def test_a_release_of_a_changed_record(clone, command):
    path = clone / "data" / "cuts" / "raj-2024-25-wte.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("title: Mid", "title: The Mid"), encoding="utf-8")
    changelog = clone / "CHANGELOG.md"
    changelog.write_text(
        changelog.read_text(encoding="utf-8").replace("## Unreleased\n", "## Unreleased\n\n- A title.\n", 1),
        encoding="utf-8",
    )
    low = command("release.py", "0.0.9", "2027-01-31", cwd=clone)
    assert low.returncode == 1 and "not above" in low.stderr
    done = command("release.py", "9.0.0", "2027-01-31", cwd=clone)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The Mid" in (clone / "data" / "tables" / "cuts.csv").read_text(encoding="utf-8")
    described = json.loads((clone / "datapackage.json").read_text(encoding="utf-8"))
    assert (described["version"], described["created"]) == ("9.0.0", "2027-01-31T00:00:00Z")
    assert "## Unreleased\n\n## 9.0.0 (2027-01-31)\n\n- A title.\n" in changelog.read_text(encoding="utf-8")
    again = command("release.py", "9.0.1", "2027-02-01", cwd=clone)
    assert again.returncode == 1, "nothing new to release"


def test_a_release_of_faulty_data_writes_nothing(clone, command):
    path = clone / "data" / "cuts" / "raj-2024-25-wte.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("value: 600", "value: 60"), encoding="utf-8")
    before = (clone / "datapackage.json").read_bytes()
    result = command("release.py", "9.0.0", "2027-01-31", cwd=clone)
    assert result.returncode == 1 and "figure-not-in-words" in result.stdout
    assert (clone / "datapackage.json").read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [("1.0", "2027-01-31"), ("01.0.0", "2027-01-31"), ("1.0.0", "2027-02-30"), ("1.0.0",)]
)
def test_wrong_use_of_release(command, arguments):
    assert command("release.py", *arguments).returncode == 2


def test_nothing_under_unreleased_is_no_release(checked, contract, tmp_path):
    with pytest.raises(NotReleasable, match="Unreleased"):
        released_changelog("# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-01-01)\n", "0.2.0", date(2026, 2, 1))
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
    with pytest.raises(NotReleasable):
        release(checked.tables, Descriptor(contract.data), "9.0.0", date(2026, 12, 1), root=tmp_path)
    assert not (tmp_path / "data").exists()
