"""Write the data package: one CSV a table, all in one SQLite file, a descriptor with hashes, and a ZIP of it all."""

import hashlib
import json
import shutil
import zipfile
from dataclasses import asdict
from pathlib import Path

from jinja2 import Template

from .compile import Table
from .contract import flat_descriptor
from .descriptor import ROOT, Descriptor
from .fitness import Judgement
from .sqlite import write_sqlite
from .tables import to_csv, write_tables

TEMPLATES = ROOT / "scripts" / "templates"


def release_differs(tables: dict[str, Table], folder: Path) -> bool:
    """Whether the tables say anything that the released tables in a folder do not."""
    released = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}
    return released != {f"{name}.csv": to_csv(table) for name, table in tables.items()}


def version_of(tables: dict[str, Table], descriptor: Descriptor, released: Path) -> str:
    """The release's version, or that and `+unreleased` where the data has moved on since."""
    version = descriptor.data["version"]
    return f"{version}+unreleased" if release_differs(tables, released) else version


def database_name(descriptor: Descriptor) -> str:
    return f"{descriptor.data['name']}.sqlite"


def write_package(tables: dict[str, Table], descriptor: Descriptor, dist: Path) -> Path:
    """Write the tables to dist/package/ as CSV and as one SQLite file; returns the latter's path."""
    folder = dist / "package"
    shutil.rmtree(folder, ignore_errors=True)
    write_tables(tables, folder)
    database = folder / database_name(descriptor)
    write_sqlite(tables, descriptor, database)
    return database


def seal_package(descriptor: Descriptor, version: str, verdicts: list[Judgement], dist: Path) -> Path:
    """Add quality report, descriptor with hashes, and README, and zip it all; returns the ZIP's path.

    The same tables, version and verdicts give the same bytes.
    """
    folder = dist / "package"
    (folder / "quality.json").write_text(_json([asdict(verdict) for verdict in verdicts]), encoding="utf-8")
    data = flat_descriptor(descriptor.data) | {"version": version}
    for resource in data["resources"]:
        raw = (folder / resource["path"]).read_bytes()
        resource |= {"hash": f"sha256:{hashlib.sha256(raw).hexdigest()}", "bytes": len(raw)}
        for field in resource["schema"]["fields"]:
            field.pop("entered", None)  # where curators type it is of no use to readers of the package
    (folder / "datapackage.json").write_text(_json(data), encoding="utf-8")
    template = Template((TEMPLATES / "package-readme.md.j2").read_text(encoding="utf-8"))
    readme = template.render(data, database=database_name(descriptor))
    (folder / "README.md").write_text(readme + "\n", encoding="utf-8")
    for old in dist.glob(f"{data['name']}-*.zip"):
        old.unlink()
    return _write_zip(folder, dist / f"{data['name']}-{version}.zip")


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _write_zip(folder: Path, target: Path) -> Path:
    """Zip a folder's files under the ZIP's own stem, with every date, mode and order fixed."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{target.stem}/{path.name}", (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return target
