"""The proof of a download: what was published passes, whatever was changed is named, and a release rebuilds."""

import hashlib
import shutil
import subprocess
import sys
import zipfile

import pytest

from conftest import ROOT, edit, run
from pipeline.archive import editions, write_files


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The last release as its address serves it."""
    folder = tmp_path_factory.mktemp("published")
    write_files(editions(ROOT)[-1], folder)
    next(folder.glob("*.zip")).rename(tmp_path_factory.mktemp("zip") / "data.zip")
    return folder


@pytest.fixture
def folder(published, tmp_path):
    return shutil.copytree(published, tmp_path / "download")


def alone(download, tmp_path, register=False):
    """verify.py as a reader has it: one file, no package to import, perhaps a register of releases."""
    script = tmp_path / "alone" / "scripts" / "verify.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "scripts" / "verify.py", script)
    if register:
        (tmp_path / "alone" / "data").mkdir()
        shutil.copyfile(ROOT / "data" / "releases.csv", tmp_path / "alone" / "data" / "releases.csv")
    return subprocess.run([sys.executable, "-S", script, download], capture_output=True, text=True, encoding="utf-8")


def seal(folder):
    """Make the hashes those of the files, as a forger would."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "SHA256SUMS")
    sums = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def test_what_was_published_passes_alone_as_folder_and_as_zip(folder, tmp_path):
    done = alone(folder, tmp_path)
    assert done.returncode == 0 and "Everything holds." in done.stdout, done.stdout
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"data/{path.name}")
    assert alone(tmp_path / "data.zip", tmp_path).returncode == 0


def test_in_a_clone_a_release_rebuilds_to_the_same_bytes(folder):
    done = run("verify.py", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Frictionless was asked" in done.stdout and "register of releases" in done.stdout
    assert "came out byte for byte the same" in done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "sealed", "message"),
    [
        ("claims.csv", "raj-2024-25-wte", "raj-2024-25-wtf", False, "claims.csv is not the file that was published"),
        ("claims.csv", "raj-2024-25-wte,plan", "raj-2024-25-wtf,plan", True, "which records has not"),
        ("claims.csv", ",exact,", ",exactly,", True, "claims.csv refers to exactly, which qualifiers has not"),
        ("deals.csv", "false", "no", True, "deals.csv, row"),
        ("records.csv", "record_id", "record", True, "other columns"),
        ("cuts.csv", "2024-25,", "2025-26,", True, "the tables are not those of the register"),
        ("datapackage.json", '"claims.csv"', '"claim.csv"', True, "not a readable data package"),
        ("datapackage.json", "{", "[", True, "not a readable data package"),
    ],
)
def test_whatever_was_changed_is_named(folder, tmp_path, file, old, new, sealed, message):
    edit(folder / file, old, new)
    if sealed:
        seal(folder)
    done = alone(folder, tmp_path, register="register" in message)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert any(line.startswith("WRONG") and message in line for line in done.stdout.splitlines()), done.stdout
    assert sealed or "files compared with SHA256SUMS" not in done.stdout, "no step is well that found something wrong"


def test_a_row_twice_a_file_too_many_and_one_too_few_are_named(folder, tmp_path):
    rows = (folder / "units.csv").read_text(encoding="utf-8")
    (folder / "units.csv").write_text(rows + rows.splitlines()[-1] + "\n", encoding="utf-8")
    seal(folder)
    (folder / "more.csv").write_text("x\n", encoding="utf-8")
    (folder / "stages.csv").rename(tmp_path / "stages.csv")
    shutil.copyfile(tmp_path / "stages.csv", folder / "stages.txt")
    done = alone(folder, tmp_path)
    assert "more.csv was not published" in done.stdout and "stages.csv is missing" in done.stdout
    shutil.copyfile(tmp_path / "stages.csv", folder / "stages.csv")
    assert "units.csv has a key twice" in alone(folder, tmp_path).stdout


def test_no_package_at_all(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    (tmp_path / "empty").mkdir()
    for name in ("a.zip", "empty"):
        done = alone(tmp_path / name, tmp_path)
        assert done.returncode == 1 and "not a readable data package" in done.stdout and not done.stderr
    assert alone(tmp_path / "nowhere", tmp_path).returncode == 2
