"""Make a release: the compiled tables, and version and date wherever they stand, as one commit or not at all."""

import hashlib
import re
import tempfile
from datetime import date
from pathlib import Path

from .changes import Change, differences, raised, weight
from .check import check, released_on
from .descriptor import ROOT, load
from .faults import as_text as told
from .faults import numbers
from .history import git
from .metadata import as_json, citation_cff, zenodo
from .package import sums, to_json
from .tables import as_text, read_tables, to_csv, write_tables

COUNTED = ("records", "claims", "survey_findings", "sources", "organisations")  # columns of the register of releases


class NotReleasable(Exception):
    """Why there is nothing to release, or not under this version; nothing has been written."""


def release(version: str | None, day: date, root: Path = ROOT) -> tuple[str, list[Change]]:
    """Release what is committed: returns the version and what changed. Raises NotReleasable.

    version: at least as high as what changed demands; that itself where it is None. Everything is written and committed
    in a worktree of its own, and only then is the branch moved to that commit; so whoever stops it midway finds the
    tree as it was.
    """
    if git(root, "status", "--porcelain"):
        raise NotReleasable("there are changes that are not committed; commit or undo them first.")
    git(root, "worktree", "prune")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "release")
        git(root, "worktree", "add", "--quiet", "--detach", str(folder))
        try:
            version, changes = _write(folder, version, day)
            git(folder, "add", "--all")
            git(folder, "commit", "--quiet", "--message", f"Release {version}")
            commit = git(folder, "rev-parse", "HEAD").decode().strip()
        finally:
            git(root, "worktree", "remove", "--force", str(folder))
    git(root, "merge", "--quiet", "--ff-only", commit)
    return version, changes


def _write(root: Path, version: str | None, day: date) -> tuple[str, list[Change]]:
    """Write every file of the release under root."""
    contract, released = load(root), root / "data" / "tables"
    checked = check(root / "data", contract, as_of=day)
    if checked.errors:
        raise NotReleasable("\n".join(map(told, checked.errors)))
    if (last := released_on(contract)) > day:
        raise NotReleasable(f"{day.isoformat()} lies before the last release, {last.isoformat()}.")
    tables = {name: as_text(table) for name, table in checked.tables.items()}
    changes = differences(read_tables(released), tables, contract)
    version = chosen(version, contract.data["version"], changes)
    data = contract.data | {"version": version, "created": f"{day.isoformat()}T00:00:00Z"}
    counts = {name: len(rows) for name, rows in tables.items()}
    hashed = hash_of({f"{name}.csv": to_csv(table) for name, table in checked.tables.items()})
    register, changelog = root / "data" / "releases.csv", root / "CHANGELOG.md"
    row = [version, day.isoformat(), *(str(counts[name]) for name in COUNTED), hashed]
    files = {
        root / "datapackage.json": to_json(data),
        root / "CITATION.cff": citation_cff(data),
        root / ".zenodo.json": as_json(zenodo(data, counts)),
        changelog: released_changelog(changelog.read_text(encoding="utf-8"), version, day),
        register: f"{register.read_text(encoding='utf-8')}{','.join(row)}\n",
    }
    write_tables(checked.tables, released)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
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
    heading = f"## Unreleased\n\n## {version} ({day.isoformat()})\n"
    return text[: match.start()] + heading + match[1] + text[match.end() :]


def hash_of(texts: dict[str, str]) -> str:
    """The SHA-256 of the SHA-256 sums of files, in the form of `sha256sum`, sorted by name."""
    return hashlib.sha256(sums({name: text.encode() for name, text in texts.items()}).encode()).hexdigest()
