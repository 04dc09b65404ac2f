"""What the tests share: the real data, copies of it to break, and the real commands."""

import csv
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from pipeline import descriptor
from pipeline.check import check
from pipeline.history import git
from pipeline.package import seal_package, version_of, write_package
from pipeline.publish import publish

ROOT = descriptor.ROOT
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PREFIX = "some/prefix"  # a project's site stands under one
WIDTHS = {"desk": 1280, "phone": 360}
expect.set_options(timeout=30_000)  # as long as Playwright waits for all else


@pytest.fixture(scope="session")
def contract():
    return descriptor.load()


@pytest.fixture(scope="session")
def checked(contract):
    """The real data, checked; every test that uses it presumes that it is clean."""
    result = check(ROOT / "data", contract)
    assert not result.errors, "\n".join(f.message for f in result.errors)
    return result


@pytest.fixture(scope="session")
def package(checked, contract, tmp_path_factory):
    """The real data package, freshly written: the folder that holds package/ and the ZIP."""
    dist = tmp_path_factory.mktemp("dist")
    write_package(checked.tables, contract, dist)
    seal_package(checked.tables, contract, version_of(checked.tables, contract, ROOT / "data" / "tables"), [], dist)
    return dist


@pytest.fixture(scope="session")
def part(checked, tmp_path_factory):
    """A part of the real data that is whole in itself: the records that tests and founding claims name, and all that
    these link to; of the released tables and the logs the rows about them. Checked in a third of the time."""
    named = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    named += (ROOT / "scripts" / "pipeline" / "slips.csv").read_text(encoding="utf-8")
    named += (ROOT / "data" / "founding_claims.csv").read_text(encoding="utf-8")
    named += (ROOT / "scripts" / "templates" / "looks-wrong.md.j2").read_text(encoding="utf-8")
    records, links = checked.model.records, ("part_of", "overlaps", "offsets", "see_also")
    kept, reached = set(), set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", named)) & records.keys()
    while reached:
        kept |= reached
        reached = {target for id in reached for link in links for target in records[id].data.get(link, [])}
        complete = {id for id in kept if "breakdown" in records[id].data}  # whose parts add up
        reached |= {id for id, record in records.items() if complete & set(record.data.get("part_of", []))}
        reached -= kept
    folder = tmp_path_factory.mktemp("part") / "data"
    for file in [*(ROOT / "data").glob("*.csv"), *(ROOT / records[id].document.file for id in kept)]:
        target = folder / file.relative_to(ROOT / "data")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    for name in ("records", "claims", "survey_findings"):
        copy_rows(ROOT / "data" / "tables" / f"{name}.csv", folder / "tables" / f"{name}.csv", kept)
    copy_rows(ROOT / "data" / "audit_results.csv", folder / "audit_results.csv", kept)
    return folder


def copy_rows(source: Path, target: Path, kept: set[str]) -> None:
    """Copy a CSV file with the rows alone that are about records that are kept."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open(encoding="utf-8", newline="") as read, target.open("w", encoding="utf-8", newline="") as write:
        rows = csv.DictReader(read)
        writer = csv.DictWriter(write, rows.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row["record_id"] in kept)


@pytest.fixture
def data(part, tmp_path):
    """A copy of a part of the real data, to break."""
    return Path(shutil.copytree(part, tmp_path / "data"))


def run(script: str, *arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    """Run one of the commands as a user does, from cold."""
    return subprocess.run(
        [sys.executable, cwd / "scripts" / script, *map(str, arguments)],
        cwd=cwd,
        text=True,
        encoding="utf-8",
        capture_output=True,
        timeout=300,
        env=os.environ | environment,
    )


def faults(data: Path) -> list[dict]:
    """What the check says of a data folder: its JSON lines; asserts that it ended as its faults demand."""
    result = run("check.py", "--data", data, "--format", "json")
    assert "Traceback" not in result.stderr, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == (1 if any(f["severity"] == "error" for f in found) else 0), result.stderr
    return found


@pytest.fixture
def check_of():
    return faults


@pytest.fixture
def command():
    return run


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first of a text that a file has."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def copy_tracked(root: Path) -> None:
    """Copy every tracked file as it stands, committed or not, into a repository; its commits are A's."""
    for name in filter(None, git(ROOT, "ls-files", "-z").decode().split("\0")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).unlink(missing_ok=True)
        if (ROOT / name).exists():
            shutil.copyfile(ROOT / name, root / name)
    git(root, "config", "user.name", "A")
    git(root, "config", "user.email", "a@example.org")


# --- the site and a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def site(contract, tmp_path_factory):
    """The site of the real data; the package that it was made of stands beside it."""
    dist = tmp_path_factory.mktemp("site")
    publish(ROOT / "data", contract, dist)
    return dist / "site"


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve(site: Path, tmp: Path):
    """Serve a site under a prefix, as a project's site is; yields its address."""
    top = tmp / PREFIX
    top.parent.mkdir(parents=True)
    top.symlink_to(site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=tmp)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{PREFIX}/"
        server.shutdown()


@pytest.fixture(scope="session")
def address(site, tmp_path_factory):
    yield from serve(site, tmp_path_factory.mktemp("served"))


def opened(browser, url: str, width: int, colours: str = "light"):
    """A page, with the requests and faults it made so far."""
    page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours).new_page()
    page.requested, page.faults = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (page.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(url)
    return page
