"""Write a release: the compiled tables, and the version and date wherever they stand."""

import json
import re
from datetime import date
from pathlib import Path

from .compile import Table
from .descriptor import ROOT, Descriptor
from .faults import numbers
from .package import release_differs
from .tables import write_tables


class NotReleasable(Exception):
    """Why there is nothing to release, or not under this version; nothing has been written."""


def release(tables: dict[str, Table], descriptor: Descriptor, version: str, day: date, root: Path = ROOT) -> None:
    """Write data/tables/, datapackage.json and CHANGELOG.md under a root. Raises NotReleasable."""
    folder, changelog = root / "data" / "tables", root / "CHANGELOG.md"
    first = not any(folder.glob("*.csv"))
    if not first and numbers(version) <= numbers(descriptor.data["version"]):
        raise NotReleasable(f"version {version} is not above the last, {descriptor.data['version']}.")
    if not release_differs(tables, folder):
        raise NotReleasable("the tables are those of the last release.")
    text = released_changelog(changelog.read_text(encoding="utf-8"), version, day)
    data = descriptor.data | {"version": version, "created": f"{day.isoformat()}T00:00:00Z"}
    write_tables(tables, folder)
    (root / "datapackage.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    changelog.write_text(text, encoding="utf-8")


def released_changelog(text: str, version: str, day: date) -> str:
    """The changelog with what stood under Unreleased under the new version. Raises NotReleasable."""
    match = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not match or not match[1].strip():
        raise NotReleasable("CHANGELOG.md says nothing under “## Unreleased”.")
    return (
        text[: match.start()] + f"## Unreleased\n\n## {version} ({day.isoformat()})\n" + match[1] + text[match.end() :]
    )
