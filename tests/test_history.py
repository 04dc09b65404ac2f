"""Releases out of git: each is found, whole, and still checks clean or by a rule that says how new it is."""

import json
import subprocess

import pytest

from pipeline.check import check
from pipeline.descriptor import ROOT
from pipeline.faults import MESSAGES, numbers
from pipeline.history import export, releases


@pytest.fixture
def repository(tmp_path):
    """A repository with two releases, the first of them cut twice, and a commit after the second."""
    root = tmp_path / "repository"
    (root / "data" / "tables").mkdir(parents=True)

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)

    def commit(version: str, day: str, table: str) -> None:
        described = {"version": version, "created": f"{day}T00:00:00Z"}
        (root / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
        (root / "data" / "tables" / "claims.csv").write_text(table, encoding="utf-8")
        (root / "note.txt").write_text(table, encoding="utf-8")
        git("add", ".")
        git("commit", "-m", version)

    git("init")
    for state in (("0.1.0", "2026-01-01", "a"), ("0.1.0", "2026-01-01", "b"), ("0.2.0", "2026-02-01", "c")):
        commit(*state)
    (root / "note.txt").write_text("later", encoding="utf-8")
    git("commit", "-am", "no release")
    return root


def test_each_version_is_found_as_it_was_last_cut(repository, tmp_path):
    found = releases(repository)
    assert [(r.version, r.date) for r in found] == [("0.1.0", "2026-01-01"), ("0.2.0", "2026-02-01")]
    for release, table in zip(found, "bc", strict=True):
        folder = export(release, tmp_path / release.version, "data", root=repository)
        assert (folder / "data" / "tables" / "claims.csv").read_text(encoding="utf-8") == table
        assert not (folder / "note.txt").exists()


def test_a_shallow_clone_holds_its_last_release_alone(repository, tmp_path):
    subprocess.run(
        ["git", "clone", "--depth", "1", repository.as_uri(), tmp_path / "shallow"], check=True, capture_output=True
    )
    assert [r.version for r in releases(tmp_path / "shallow")] == ["0.2.0"]


def test_every_release_checks_clean_or_says_which_rule_is_newer(contract, tmp_path):
    found = releases(ROOT)
    assert found and found[-1].version == contract.data["version"]
    for release in found:
        folder = export(release, tmp_path / release.version, "data")
        faults = check(folder / "data", contract).errors
        assert all(numbers(MESSAGES[f.rule]["since"]) > numbers(release.version) for f in faults), faults[:5]


def test_the_check_of_older_data_names_the_rules_that_are_newer(data, command):
    path = data / "organisations.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("X24,,,dhsc,", "X24,,,nhs-england,"), encoding="utf-8")
    (data.parent / "datapackage.json").write_text(json.dumps({"version": "0.1.0"}), encoding="utf-8")
    assert "parent-circle (since 0.2.0)" in command("check.py", "--data", data).stderr
    (data.parent / "datapackage.json").write_text(json.dumps({"version": "0.2.0"}), encoding="utf-8")
    assert "since" not in command("check.py", "--data", data).stderr
