"""Write the data package: one CSV a table, a descriptor with hashes, a ZIP of these, and the other formats beside."""

import hashlib
import json
import shutil
import zipfile
from dataclasses import asdict
from pathlib import Path

from .compile import Table
from .contract import flat_descriptor
from .descriptor import Descriptor
from .fitness import Judgement
from .formats import write_formats
from .render import templates
from .sqlite import write_sqlite
from .tables import to_csv, write_tables


def release_differs(tables: dict[str, Table], folder: Path) -> bool:
    """Whether the tables say anything that the released tables in a folder do not."""
    released = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}
    return released != {f"{name}.csv": to_csv(table) for name, table in tables.items()}


def version_of(tables: dict[str, Table], descriptor: Descriptor, released: Path) -> str:
    """The release's version, or that and `+unreleased` where the data has moved on since."""
    version = descriptor.data["version"]
    return f"{version}+unreleased" if release_differs(tables, released) else version


def write_package(tables: dict[str, Table], descriptor: Descriptor, dist: Path) -> Path:
    """Write the tables to dist/package/ as CSV and as one SQLite file; returns the latter's path."""
    folder = dist / "package"
    shutil.rmtree(folder, ignore_errors=True)
    write_tables(tables, folder)
    database = folder / f"{descriptor.data['name']}.sqlite"
    write_sqlite(tables, descriptor, database)
    return database


def seal_package(
    tables: dict[str, Table], descriptor: Descriptor, version: str, verdicts: list[Judgement], dist: Path
) -> Path:
    """Add the other formats, quality report, descriptor, README and SHA256SUMS; returns the path of the ZIP.

    The ZIP is the data package proper, without the other formats. The same tables, version and verdicts give the
    same bytes.
    """
    folder = dist / "package"
    write_formats(tables, descriptor, version, folder)
    (folder / "quality.json").write_text(to_json([asdict(verdict) for verdict in verdicts]), encoding="utf-8")
    raw = {f"{name}.csv": (folder / f"{name}.csv").read_bytes() for name in tables}
    data = published_descriptor(descriptor.data | {"version": version}, raw)
    (folder / "datapackage.json").write_text(to_json(data), encoding="utf-8")
    readme = templates(str).get_template("package-readme.md.j2").render(data)
    (folder / "README.md").write_text(readme + "\n", encoding="utf-8")
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    (folder / "SHA256SUMS").write_text(sums(files), encoding="utf-8")
    for old in dist.glob(f"{data['name']}-*.zip"):
        old.unlink()
    zipped = {name: files[name] for name in (*raw, "README.md", "datapackage.json", "quality.json")}
    return write_zip(zipped, dist / f"{data['name']}-{version}.zip")


def published_descriptor(data: dict, files: dict[str, bytes]) -> dict:
    """The descriptor as it stands beside the tables, whose bytes files holds: with sizes and hashes."""
    published = flat_descriptor(data)
    for resource in published["resources"]:
        raw = files[resource["path"]]
        resource |= {"hash": f"sha256:{hashlib.sha256(raw).hexdigest()}", "bytes": len(raw)}
        for field in resource["schema"]["fields"]:
            field.pop("entered", None)  # where curators type it is of no use to readers of the package
    return published


def to_json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def sums(files: dict[str, bytes]) -> str:
    """What `sha256sum -c` reads: the hash of every file, by its name, in order."""
    return "".join(f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in sorted(files.items()))


def write_zip(files: dict[str, bytes], target: Path) -> Path:
    """Zip files and their hashes under the ZIP's own stem, with every date, mode and order fixed."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, raw in sorted(files.items()) + [("SHA256SUMS", sums(files).encode())]:
            entry = zipfile.ZipInfo(f"{target.stem}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            archive.writestr(entry, raw, zipfile.ZIP_DEFLATED, compresslevel=9)
    return target
