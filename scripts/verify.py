#!/usr/bin/env python3
"""Prove a download: hashes, descriptor, keys and counts, and in a clone that its release rebuilds to the same bytes.

Give the ZIP or the unpacked folder. This file needs nothing but Python 3.11 and may be used alone; with Frictionless
installed it also asks Frictionless, and in a clone of the project it compares with the register of releases and builds
the release anew. Exit status: 0 proved, 1 something is wrong, 2 wrong use.
"""

import argparse
import csv
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"
Findings = Iterable[tuple[str, str]]  # a verdict (WRONG, ok, - for not done, or none) and a text
TYPES = {  # a field's type → what reads it; raises ValueError or InvalidOperation
    "string": str,
    "number": Decimal,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("download", type=Path, help="a ZIP of the data package, or the folder that it was unpacked to")
    download = parser.parse_args().download
    if not download.exists():
        parser.error(f"there is no {download}")
    with tempfile.TemporaryDirectory() as name:
        try:
            folder = unpacked(download, Path(name))
            described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
            wrong = sum(report(step(folder, described)) for step in STEPS)
        except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
            reason = f"{type(error).__name__}: {error}"
            wrong = report([("WRONG", f"{download} is not a readable data package: {reason}")])
    report([("", f"Wrong: {wrong}." if wrong else "Everything holds.")])
    return 1 if wrong else 0


def report(findings: Findings) -> int:
    """Say what a step finds, but not that all is well where something was wrong; returns how much was."""
    wrong = 0
    for verdict, text in findings:
        wrong += verdict == "WRONG"
        if not (wrong and verdict == "ok"):
            print(f"{verdict:6}{text}", flush=True)
    return wrong


def unpacked(download: Path, target: Path) -> Path:
    """The folder that holds datapackage.json. Raises FileNotFoundError, zipfile.BadZipFile."""
    folder = download
    if download.is_file():
        with zipfile.ZipFile(download) as archive:
            archive.extractall(target)
        folder = target
    found = sorted(folder.rglob("datapackage.json"), key=lambda path: len(path.parts))
    if not found:
        raise FileNotFoundError("no datapackage.json in it")
    return found[0].parent


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- the steps ---------------------------------------------------------------------------------------------


def sums(folder: Path, described: dict) -> Findings:
    """Every file is the one that SHA256SUMS names."""
    listed = dict(line.split("  ", 1)[::-1] for line in (folder / SUMS).read_text(encoding="utf-8").splitlines())
    for name, expected in listed.items():
        if not (folder / name).is_file():
            yield "WRONG", f"{name} is missing"
        elif sha256(folder / name) != expected:
            yield "WRONG", f"{name} is not the file that was published: its SHA-256 is {sha256(folder / name)}"
    extra = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - set(listed) - {SUMS}
    for name in sorted(extra):
        yield "WRONG", f"{name} was not published with it"
    yield "ok", f"{len(listed)} files compared with {SUMS}"


def tables(folder: Path, described: dict) -> Findings:
    """Every table is what the descriptor says: columns, types, required and allowed values, keys."""
    rows = {resource["name"]: list(read(folder / resource["path"])) for resource in described["resources"]}
    for resource in described["resources"]:
        name, schema, path = resource["name"], resource["schema"], folder / resource["path"]
        if resource.get("hash", f"sha256:{sha256(path)}") != f"sha256:{sha256(path)}":
            yield "WRONG", f"{path.name} has another hash than datapackage.json says"
        header = path.read_text(encoding="utf-8").partition("\n")[0].split(",")
        if header != [field["name"] for field in schema["fields"]]:
            yield "WRONG", f"{path.name} has other columns than datapackage.json says"
            continue
        yield from values(path.name, rows[name], schema["fields"])
        primary = [tuple(row[k] for k in schema["primaryKey"]) for row in rows[name]]
        if len(set(primary)) < len(primary):
            yield "WRONG", f"{path.name} has a key twice"
        for key in schema.get("foreignKeys", []):
            target = key["reference"].get("resource") or name
            known = {tuple(row[c] for c in key["reference"]["fields"]) for row in rows[target]}
            own = {tuple(row[c] for c in key["fields"]) for row in rows[name]}
            lost = sorted(value for value in own - known if all(value))
            for value in lost[:5]:
                yield "WRONG", f"{path.name} refers to {' '.join(value)}, which {target} has not"
    yield "ok", f"{len(rows)} tables with {sum(map(len, rows.values()))} rows compared with datapackage.json"


def read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def values(file: str, rows: list[dict[str, str]], fields: list[dict]) -> Findings:
    """The first value of each field that its type or its constraints do not allow."""
    for field in fields:
        for line, text in enumerate((row[field["name"]] for row in rows), start=2):
            if not allowed(text, field["type"], field.get("constraints", {})):
                where = f"{file}, row {line}: {field['name']}"
                yield "WRONG", f"{where} is “{text[:60]}”, which datapackage.json does not allow"
                break


def allowed(text: str, kind: str, rules: dict) -> bool:
    if not text:
        return not rules.get("required")
    try:
        TYPES[kind](text)
    except (ValueError, KeyError, InvalidOperation):
        return False
    return text in rules.get("enum", [text])


def frictionless(folder: Path, described: dict) -> Findings:
    """Frictionless, where it is installed, finds the package valid."""
    try:
        from frictionless import validate
    except ImportError:
        yield "-", "Frictionless is not installed; to ask it too: pip install frictionless"
        return
    for _, note in validate(str(folder / "datapackage.json")).flatten(["title", "note"])[:5]:
        yield "WRONG", f"Frictionless: {note}"
    yield "ok", "Frictionless was asked"


def register(folder: Path, described: dict) -> Findings:
    """In a clone: the register of releases has the same version, counts and hash of all tables."""
    path = ROOT / "data" / "releases.csv"
    if not path.is_file():
        yield "-", "no clone of the project is at hand, so its register of releases is not compared"
        return
    if "+" in described["version"]:
        yield "-", f"{described['version']} is a build between releases, which no register holds"
        return
    row = next((row for row in read(path) if row["version"] == described["version"]), None)
    if row is None:
        yield "WRONG", f"version {described['version']} is in no register of releases"
        return
    files = sorted(resource["path"] for resource in described["resources"])
    lines = "".join(f"{sha256(folder / name)}  {name}\n" for name in files)
    if hashlib.sha256(lines.encode()).hexdigest() != row["sha256"]:
        yield "WRONG", "the tables are not those of the register of releases"
    for name in row.keys() - {"version", "date", "sha256"}:
        count = sum(1 for _ in read(folder / f"{name}.csv"))
        if count != int(row[name]):
            yield "WRONG", f"{name} has {count} rows, the register says {row[name]}"
    yield "ok", f"version {row['version']} of {row['date']} compared with the register of releases"


def rebuilt(folder: Path, described: dict) -> Findings:
    """In a clone whose history holds the release: building it again gives the same tables, byte for byte."""
    if not (ROOT / ".git").exists():
        return
    log = git("log", "--format=%H", "--", "data/tables").split()
    commit = next(
        (c for c in log if json.loads(git("show", f"{c}:datapackage.json"))["version"] == described["version"]), ""
    )
    if not commit:
        yield "-", f"the history at hand does not hold version {described['version']}, so it is not built again"
        return
    yield "", f"Building version {described['version']} again from commit {commit[:12]} …"
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name, "tree")
        git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            built = subprocess.run(
                [sys.executable, "scripts/build.py", "--dist", f"{name}/dist"], cwd=tree, capture_output=True, text=True
            )
        finally:
            git("worktree", "remove", "--force", str(tree))
        if "ModuleNotFoundError" in built.stderr:
            yield "-", "to build it again, run this with .venv/bin/python, which `make` sets up"
            return
        if built.returncode:
            yield "WRONG", f"it does not build: {(built.stderr or built.stdout).strip().splitlines()[-1]}"
            return
        files = [resource["path"] for resource in described["resources"]]
        for file in files:
            if Path(name, "dist", "package", file).read_bytes() != (folder / file).read_bytes():
                yield "WRONG", f"{file} comes out differently"
    yield "ok", f"{len(files)} tables came out byte for byte the same"


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True, text=True).stdout


STEPS = (sums, tables, frictionless, register, rebuilt)

if __name__ == "__main__":
    sys.exit(main())
