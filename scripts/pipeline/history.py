"""Releases out of git's history: the commit of each version, and its files as they were."""

import io
import json
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .descriptor import ROOT


@dataclass(frozen=True)
class Release:
    """A version, the day that it carries, and the commit that holds it whole."""

    version: str
    date: str
    commit: str


def releases(root: Path = ROOT) -> list[Release]:
    """Every release that the history at hand holds, oldest first; a shallow clone holds its last alone, a copy
    without git none.

    Only a release writes data/tables, so a version's release is the last commit that touched them under it.
    """
    if not (root / ".git").exists():
        return []
    found: dict[str, Release] = {}
    for commit in git(root, "log", "--format=%H", "--", "data/tables").decode().split():
        described = json.loads(git(root, "show", f"{commit}:datapackage.json"))
        release = Release(described["version"], described["created"][:10], commit)
        found.setdefault(release.version, release)
    return list(found.values())[::-1]


def export(release: Release, folder: Path, *paths: str, root: Path = ROOT) -> Path:
    """Write a release's files (those under paths, or all) into a folder."""
    archive = git(root, "archive", "--format=zip", release.commit, *paths)
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    return folder


def git(root: Path, *arguments: str) -> bytes:
    """What a git command prints. Raises subprocess.CalledProcessError."""
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout
