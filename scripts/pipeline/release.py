"""Make a release: the compiled tables, and version and date wherever they stand, as one commit or not at all."""

import hashlib
import re
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from .changes import Change, differences, raised, weight
from .check import check
from .compile import Table
from .descriptor import ROOT, Descriptor, load
from .faults import as_text as told
from .faults import numbers
from .history import git
from .metadata import as_json, citation_cff, zenodo
from .package import sums, to_json
from .tables import as_text, read_tables, to_csv, write_tables

COUNTED = ("records", "claims", "survey_findings", "sources", "organisations")
Step = Callable[[str], None]


class NotReleasable(Exception):
    """Why there is nothing to release, or not under this version; nothing has been written."""


def release(
    version: str | None, day: date, root: Path = ROOT, step: Step = lambda name: None
) -> tuple[str, list[Change]]:
    """Release what is committed: returns the version and what changed. Raises NotReleasable.

    version: at least as high as what changed demands; that itself where it is None. Everything is written and committed
    in a worktree of its own, and only then is the branch moved to that commit; so whoever stops it midway finds the
    tree as it was. step: told the name of each step as it begins.
    """
    if git(root, "status", "--porcelain"):
        raise NotReleasable("there are changes that are not committed; commit or undo them first.")
    git(root, "worktree", "prune")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "release")
        step("worktree")
        git(root, "worktree", "add", "--quiet", "--detach", str(folder))
        try:
            version, changes = _write(folder, version, day, step)
            step("commit")
            git(folder, "add", "--all")
            git(folder, "commit", "--quiet", "--message", f"Release {version}")
            commit = git(folder, "rev-parse", "HEAD").decode().strip()
        finally:
            git(root, "worktree", "remove", "--force", str(folder))
    step("merge")
    git(root, "merge", "--quiet", "--ff-only", commit)
    return version, changes


def _write(root: Path, version: str | None, day: date, step: Step) -> tuple[str, list[Change]]:
    """Write every file of the release under root."""
    contract, folder = load(root), root / "data" / "tables"
    step("check")
    checked = check(root / "data", contract, as_of=day)
    if checked.errors:
        raise NotReleasable("\n".join(map(told, checked.errors)))
    last, released = contract.data["version"], contract.data["created"][:10]
    if day.isoformat() < released:
        raise NotReleasable(f"{day.isoformat()} lies before the last release, {released}.")
    before, after = read_tables(folder), {name: as_text(table) for name, table in checked.tables.items()}
    changes = differences(before, after, contract)
    version = chosen(version, last, changes) if before else version or last
    contract = Descriptor(contract.data | {"version": version, "created": f"{day.isoformat()}T00:00:00Z"})
    changelog = root / "CHANGELOG.md"
    text = released_changelog(changelog.read_text(encoding="utf-8"), version, day)
    step("tables")
    write_tables(checked.tables, folder)
    step("metadata")
    (root / "datapackage.json").write_text(to_json(contract.data), encoding="utf-8")
    (root / "CITATION.cff").write_text(citation_cff(contract.data), encoding="utf-8")
    counts = {name: len(table.rows) for name, table in checked.tables.items()}
    (root / ".zenodo.json").write_text(as_json(zenodo(contract.data, counts)), encoding="utf-8")
    changelog.write_text(text, encoding="utf-8")
    step("register")
    add_release(root / "data" / "releases.csv", release_row(contract, checked.tables))
    return version, changes


def chosen(wanted: str | None, last: str, changes: list[Change]) -> str:
    """The version that the changes demand, or a higher one that is wanted. Raises NotReleasable."""
    part = weight(changes)
    if not part:
        raise NotReleasable("the tables are those of the last release.")
    least = raised(last, part)
    if wanted and numbers(wanted) < numbers(least):
        raise NotReleasable(f"version {wanted} is too low: what changed since {last} is {part}, so at least {least}.")
    return wanted or least


def released_changelog(text: str, version: str, day: date) -> str:
    """The changelog with what stood under Unreleased under the new version. Raises NotReleasable."""
    match = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not match or not match[1].strip():
        raise NotReleasable("CHANGELOG.md says nothing under “## Unreleased”.")
    return (
        text[: match.start()] + f"## Unreleased\n\n## {version} ({day.isoformat()})\n" + match[1] + text[match.end() :]
    )


def release_row(contract: Descriptor, tables: dict[str, Table]) -> dict[str, str]:
    """A release in the register of releases: version, date, counts, and one hash over all tables."""
    counts = {name: str(len(tables[name].rows)) for name in COUNTED}
    texts = {f"{name}.csv": to_csv(table) for name, table in tables.items()}
    return (
        {"version": contract.data["version"], "date": contract.data["created"][:10]}
        | counts
        | {"sha256": hash_of(texts)}
    )


def hash_of(texts: dict[str, str]) -> str:
    """The SHA-256 of the SHA-256 sums of files, in the form of `sha256sum`, sorted by name."""
    return hashlib.sha256(sums({name: text.encode() for name, text in texts.items()}).encode()).hexdigest()


def add_release(path: Path, row: dict[str, str]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else [",".join(row)]
    path.write_text("\n".join([*lines, ",".join(row.values())]) + "\n", encoding="utf-8")
