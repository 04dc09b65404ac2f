"""A release is one commit or nothing; its version follows from what changed; between releases nothing writes tables."""

import json
import subprocess
import sys
from datetime import date

import pytest

from conftest import copy_tracked, edit
from pipeline.changes import Change, differences, raised, weight
from pipeline.descriptor import REGISTERS, ROOT
from pipeline.history import git, releases
from pipeline.package import release_differs
from pipeline.release import NotReleasable, hash_of, released_changelog
from pipeline.tables import read_rows, read_tables

STEPS = {  # what a release begins to do, as Python's audit hooks tell it
    "worktree": "subprocess.Popen .*'worktree', 'add'",
    "check": "open .*/release/data/organisations.csv', 'r",
    "tables": "open .*/release/data/tables/claims.csv', 'w",
    "metadata": "open .*/release/CITATION.cff', 'w",
    "register": "open .*/release/data/releases.csv', 'w",
    "commit": "subprocess.Popen .*'commit'",
    "merge": "subprocess.Popen .*'merge'",
}


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """Every tracked file as one commit in a repository of its own, with a change waiting under Unreleased."""
    root = tmp_path_factory.mktemp("release") / "repository"
    subprocess.run(["git", "init", "-q", root], check=True)
    copy_tracked(root)
    edit(root / "CHANGELOG.md", "## Unreleased\n", "## Unreleased\n\n- What came in.\n")
    edit(root / "data" / "cuts" / "raj-2024-25-wte.yml", "title: Mid", "title: The Mid")
    commit(root)
    return root


@pytest.fixture
def clone(repository, tmp_path):
    git(tmp_path, "clone", "-q", str(repository), "clone")
    git(tmp_path / "clone", "config", "user.name", "A")
    git(tmp_path / "clone", "config", "user.email", "a@example.org")
    return tmp_path / "clone"


def commit(root):
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "x")


def head(root):
    return git(root, "rev-parse", "HEAD")


def test_released_tables_follow_from_the_records_or_the_version_says_unreleased(checked, contract):
    differs = release_differs(checked.tables, ROOT / "data" / "tables")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("## Unreleased\n")[1].split("\n## ")[0].strip()
    assert bool(changes) >= differs, "data that moved on since the release is described under Unreleased"


def test_a_release_is_one_commit_with_everything_in_it(clone, command, contract):
    before, last = head(clone), contract.data["version"]
    low = command("release.py", "2099-01-31", "0.0.9", cwd=clone)
    assert low.returncode == 1 and "too low" in low.stderr and head(clone) == before
    early = command("release.py", "2024-01-31", cwd=clone)
    assert early.returncode == 1 and "before the last release" in early.stderr
    done = command("release.py", "2099-01-31", cwd=clone)
    assert done.returncode == 0, done.stdout + done.stderr
    assert git(clone, "rev-list", "--count", f"{before.decode().strip()}..HEAD") == b"1\n"
    assert not git(clone, "status", "--porcelain") and not git(clone, "worktree", "list").count(b"\n") > 1
    described = json.loads((clone / "datapackage.json").read_text(encoding="utf-8"))
    version = described["version"]
    assert version in (raised(last, "patch"), raised(last, "minor")) and described["created"] == "2099-01-31T00:00:00Z"
    assert "The Mid" in (clone / "data" / "tables" / "cuts.csv").read_text(encoding="utf-8")
    changelog = (clone / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## Unreleased\n\n## {version} (2099-01-31)\n\n- What came in.\n" in changelog
    assert f'version: "{version}"\ndate-released: "2099-01-31"\n' in (clone / "CITATION.cff").read_text(
        encoding="utf-8"
    )
    zenodo = json.loads((clone / ".zenodo.json").read_text(encoding="utf-8"))
    assert (zenodo["version"], zenodo["publication_date"]) == (version, "2099-01-31")
    row = read_rows(clone / "data" / "releases.csv")[-1]
    tables = {path.name: path.read_text(encoding="utf-8") for path in (clone / "data" / "tables").glob("*.csv")}
    assert (row["version"], row["date"], row["sha256"]) == (version, "2099-01-31", hash_of(tables))
    assert int(row["claims"]) == tables["claims.csv"].count("\n") - 1
    again = command("release.py", "2099-02-01", cwd=clone)
    assert again.returncode == 1 and "those of the last release" in again.stderr


@pytest.mark.parametrize("stopped", STEPS)
def test_a_release_that_is_killed_leaves_the_tree_as_it_was(clone, command, stopped):
    before = head(clone)
    killed = (
        "import os, re, sys; sys.path.insert(0, 'scripts')\n"
        "from datetime import date; from pathlib import Path; from pipeline.release import release\n"
        f"begins = re.compile({STEPS[stopped]!r})\n"
        "sys.addaudithook(lambda event, args: os._exit(9) if begins.match(f'{event} {args}') else None)\n"
        "release(None, date(2099, 1, 31), Path.cwd())\n"
    )
    assert subprocess.run([sys.executable, "-c", killed], cwd=clone).returncode == 9
    assert head(clone) == before and not git(clone, "status", "--porcelain")
    if stopped == "commit":  # once is enough: the next one does not stumble over what the killed one left
        assert command("release.py", "2099-01-31", cwd=clone).returncode == 0


def test_nothing_uncommitted_faulty_or_unexplained_is_released(clone, command):
    path = clone / "data" / "cuts" / "raj-2024-25-wte.yml"
    edit(path, "value: 600", "value: 60")
    assert "not committed" in command("release.py", "2099-01-31", cwd=clone).stderr
    commit(clone)
    before = head(clone)
    faulty = command("release.py", "2099-01-31", cwd=clone)
    assert faulty.returncode == 1 and "figure-not-in-words" in faulty.stderr and head(clone) == before
    with pytest.raises(NotReleasable, match="Unreleased"):
        released_changelog("# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-01-01)\n", "0.2.0", date(2026, 2, 1))


@pytest.mark.parametrize(
    "arguments", [("2027-01-31", "1.0"), ("2027-01-31", "01.0.0"), ("2027-02-30", "1.0.0"), ("1.0.0",)]
)
def test_wrong_use_of_release(command, arguments):
    assert command("release.py", *arguments).returncode == 2


def test_the_register_of_releases_is_what_history_holds():
    known = {row["version"]: row for row in read_rows(ROOT / "data" / "releases.csv")}
    for release in releases(ROOT):
        names = git(ROOT, "ls-tree", "--name-only", release.commit, "data/tables/").decode().split()
        texts = {
            n.split("/")[-1]: git(ROOT, "show", f"{release.commit}:{n}").decode() for n in names if n.endswith(".csv")
        }
        assert known[release.version]["sha256"] == hash_of(texts), release.version
        assert known[release.version]["date"] == release.date


# --- what changed -------------------------------------------------------------------------------------------


@pytest.fixture
def tables():
    """A release's tables, to change."""
    return read_tables(ROOT / "data" / "tables")


def copied(tables):
    return {name: [dict(row) for row in rows] for name, rows in tables.items()}


def claim(rows, record_id, claim_id):
    return next(row for row in rows if (row["record_id"], row["claim_id"]) == (record_id, claim_id))


def test_the_same_tables_differ_in_nothing(tables, contract):
    assert differences(tables, copied(tables), contract) == [] and weight([]) == ""


def test_a_changed_figure_is_a_correction_and_a_patch(tables, contract):
    later = copied(tables)
    claim(later["claims"], "raj-2024-25-wte", "plan")["value"] = "601"
    expected = Change("claims", "raj-2024-25-wte plan", "changed", "correction", "value", "600", "601")
    assert differences(tables, later, contract) == [expected] and weight([expected]) == "patch"


@pytest.mark.parametrize(
    ("because", "why"), [("", "revision"), ("revision", "revision"), ("our_correction", "correction")]
)
def test_a_new_claim_of_a_known_record_is_a_revision_unless_it_mends(tables, contract, because, why):
    later = copied(tables)
    row = claim(later["claims"], "raj-2024-25-wte", "plan") | {"claim_id": "later", "because": because}
    later["claims"].append(row)
    expected = Change("claims", "raj-2024-25-wte later", "added", why)
    assert differences(tables, later, contract) == [expected] and weight([expected]) == "minor"


def test_words_of_ours_are_editorial_and_what_follows_is_computed(tables, contract):
    later = copied(tables)
    row = next(row for row in later["records"] if row["record_id"] == "raj-2024-25-wte")
    row |= {"summary": "Other words.", "status": "withdrawn"}
    assert {(c.column, c.why) for c in differences(tables, later, contract)} == {
        ("summary", "editorial"),
        ("status", "computed"),
    }


@pytest.mark.parametrize("table", ["claims", "records", "survey_findings"])
def test_an_id_or_column_that_goes_is_major(tables, contract, table):
    later = copied(tables)
    later[table].pop()
    assert weight(differences(tables, later, contract)) == "major"
    later = copied(tables)
    for row in later[table]:
        row.pop("origins", row.pop("title", None))
    assert weight(differences(tables, later, contract)) == "major"
    later = copied(tables)
    del later[table]
    assert weight(differences(tables, later, contract)) == "major"


def test_every_register_and_table_can_be_compared(tables, contract):
    assert set(REGISTERS) <= set(contract.tables)
    changes = differences({}, tables, contract)
    assert {c.table for c in changes if not c.key} == set(tables) and weight(changes) == "minor"
    assert sum(bool(c.key) for c in changes) == sum(map(len, tables.values()))
