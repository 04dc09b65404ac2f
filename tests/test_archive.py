"""What the site keeps of releases, made from three more releases in a repository of their own; differences by SQL."""

import hashlib
import json
import subprocess
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import feedparser
import pytest

from conftest import ROOT, copy_tracked, edit
from pipeline.archive import Edition, editions, pairs, write_archive
from pipeline.check import check
from pipeline.descriptor import load
from pipeline.feeds import write_feeds
from pipeline.history import git, releases
from pipeline.release import release
from pipeline.tables import as_text, read_rows

RECORD = "raj-2024-25-wte"
LATER = """  - id: {id}
    date: 2026-0{month}
    stage: outturn
    value: {value}
    qualifier: about
    {more}
    sources:
      - url: https://example.org/{id}
        publisher: Example
        published: 2026-0{month}
        accessed: 2026-11-21
        tier: press
        role: origin
        says: about {value} posts went
    unit_as_worded: posts
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Three releases after the real one: a new outturn; a correction of it; a record withdrawn and one renamed."""
    root = tmp_path_factory.mktemp("archive") / "repository"
    subprocess.run(["git", "clone", "-q", str(ROOT), root], check=True)
    copy_tracked(root)
    path = root / "data" / "cuts" / f"{RECORD}.yml"
    base = path.read_text(encoding="utf-8").rstrip("\n") + "\n"

    def cut(day: date, entry: str) -> str:
        edit(root / "CHANGELOG.md", "## Unreleased\n", f"## Unreleased\n\n- {entry}\n")
        git(root, "add", "--all")
        git(root, "commit", "-q", "-m", entry)
        return release(None, day, root)[0]

    first = base + LATER.format(id="later", month=2, value=470, more="replaces: outcome\n    because: revision")
    path.write_text(first, encoding="utf-8")
    versions = [cut(date(2099, 1, 1), "An outturn.")]
    mend = LATER.format(id="mended", month=3, value=480, more="replaces: later\n    because: our_correction")
    path.write_text(first + mend, encoding="utf-8")
    versions.append(cut(date(2099, 2, 1), "Its correction."))
    edit(root / "data" / "cuts" / "raj-2024-25-beds.yml", "summary:", "withdrawn: It was another trust.\nsummary:")
    versions.append(cut(date(2099, 3, 1), "A withdrawal."))
    return root, versions


@pytest.fixture(scope="module")
def archive(repository, tmp_path_factory):
    """The site's archive of that repository: its folder, its editions, and the changes."""
    root, versions = repository
    past = editions(root)
    assert [edition.version for edition in past][-3:] == versions
    changes = pairs(past)
    site = tmp_path_factory.mktemp("site")
    write_archive(past, past[-1], changes, site)
    write_feeds(past, changes, past[-1].described, site)
    return site, past, changes


def test_versions_follow_from_what_changed(repository):
    _, (first, second, third) = repository
    assert [v.split(".")[2] for v in (first, second)] == ["0", "0"], "claims that came in are minor"
    assert third.split(".")[:2] == second.split(".")[:2] and third != second, "a withdrawal is a patch"


def test_a_new_figure_is_a_revision_and_a_mended_one_a_correction(archive):
    _, past, changes = archive
    _, first, second, third = past[-4:]
    before = past[-4].version
    whys = {(c.key, c.why) for c in changes[before, first.version] if c.table == "claims" and c.change == "added"}
    assert (f"{RECORD} later", "revision") in whys
    whys = {
        (c.key, c.why) for c in changes[first.version, second.version] if c.table == "claims" and c.change == "added"
    }
    assert whys == {(f"{RECORD} mended", "correction")}
    columns = {c.column for c in changes[second.version, third.version] if c.why == "correction"}
    assert "withdrawn" in columns or {c.why for c in changes[second.version, third.version] if c.column == "withdrawn"}


def test_differences_are_those_that_sql_finds(archive):
    site, past, changes = archive
    old, new = past[-3], past[-2]
    for table in ("claims", "evidence", "records", "sources"):
        key = new.descriptor.tables[table]["schema"]["primaryKey"]
        paths = [site / "releases" / edition.version / f"{table}.csv" for edition in (old, new)]
        a, b = (f"(SELECT * FROM read_csv('{path}', all_varchar=true, nullstr=''))" for path in paths)
        match = " AND ".join(f'a."{k}" = b."{k}"' for k in key)
        added = duckdb.sql(
            f"SELECT count(*) FROM {b} b WHERE NOT EXISTS (SELECT 1 FROM {a} a WHERE {match})"
        ).fetchall()[0][0]
        found = [c for c in changes[old.version, new.version] if c.table == table and c.key]
        assert sum(c.change == "added" for c in found) == added
        for column in new.descriptor.columns(table):
            sql = f'SELECT count(*) FROM {a} a JOIN {b} b ON {match} WHERE a."{column}" IS DISTINCT FROM b."{column}"'
            assert sum(c.column == column and c.change == "changed" for c in found) == duckdb.sql(sql).fetchall()[0][0]


def test_the_files_of_a_release_are_those_of_git_byte_for_byte_and_sha256sum_agrees(archive, repository):
    site, past, _ = archive
    for edition, made in zip(past, releases(repository[0]), strict=True):
        folder = site / "releases" / edition.version
        for name in edition.tables:
            raw = git(repository[0], "show", f"{made.commit}:data/tables/{name}.csv")
            assert (folder / f"{name}.csv").read_bytes() == raw
        assert subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder).returncode == 0
        assert (
            hashlib.sha256((folder / "datapackage.json").read_bytes()).hexdigest()
            in (folder / "SHA256SUMS").read_text()
        )


def test_a_record_of_the_first_release_resolves_and_says_that_its_figure_has_moved(archive):
    site, past, _ = archive
    for record_id in past[0].records:
        assert (site / "releases" / past[0].version / "records" / record_id / "index.html").is_file()
    page = (site / "releases" / past[0].version / "records" / RECORD / "index.html").read_text(encoding="utf-8")
    assert "This figure has since moved" in page and "about 480 WTE" in page and f"records/{RECORD}/" in page
    same = (site / "releases" / past[-1].version / "records" / RECORD / "index.html").read_text(encoding="utf-8")
    assert "since moved" not in same and "as it was in version" in same
    gone = (site / "releases" / past[0].version / "records" / "raj-2024-25-beds" / "index.html").read_text(
        encoding="utf-8"
    )
    assert "has since been withdrawn" in gone and "It was another trust." in gone


def test_changes_are_the_same_as_csv_and_json(archive):
    site, _, changes = archive
    for (old, new), rows in changes.items():
        path = site / "releases" / "changes" / f"{old}-to-{new}"
        as_csv = read_rows(Path(f"{path}.csv"))
        assert as_csv == json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
        assert len(as_csv) == len(rows)


def test_feeds_are_atom_with_stable_ids_and_corrections_apart(archive):
    site, past, _ = archive
    paths = ("feed.xml", "corrections.xml", "organisations/RAJ.xml")
    news, mended, own = feeds = [feedparser.parse((site / path).read_bytes()) for path in paths]
    for feed in feeds:
        assert not feed.bozo and feed.version == "atom10" and feed.feed.id and feed.feed.title and feed.feed.updated
        ids = [entry.id for entry in feed.entries]
        assert ids and len(ids) == len(set(ids)) and all(e.title and e.updated and e.link for e in feed.entries)
    assert any(f"{past[-3].version}/{RECORD}/later" in entry.id for entry in own.entries)
    assert any(f"{past[-2].version}/{RECORD}/mended" in entry.id for entry in mended.entries)
    assert not any("mended" in entry.id for entry in news.entries)
    before = {entry.id for entry in news.entries}
    write_feeds(past[:-1], pairs(past[:-1]), past[-1].described, site)
    again = {entry.id for entry in feedparser.parse((site / "feed.xml").read_bytes()).entries}
    assert again <= before | again and len(again & before) == len(again), "a later release renames no entry"


def test_hostile_text_in_a_feed_or_an_old_page_stays_text(tmp_path, archive):
    _, past, _ = archive
    hostile = "<script>alert(1)</script> ]]> & \"'{{ 1 }}"
    tables = {name: [dict(row) for row in rows] for name, rows in past[-1].tables.items()}
    for row in tables["records"]:
        row |= {"title": hostile, "summary": hostile, "organisation_name": hostile}
    for row in tables["sources"]:
        row |= {"url": "javascript:alert(1)", "publisher": hostile}
    edition = Edition(past[-1].version, past[-1].date, tables, past[-1].described, past[-1].files)
    write_archive([edition], edition, {}, tmp_path)
    write_feeds([edition], {}, edition.described, tmp_path)
    pages = list((tmp_path / "releases").rglob("index.html"))
    assert pages and not any("<script" in text or "javascript:" in text for text in map(Path.read_text, pages))
    title = ElementTree.fromstring((tmp_path / "feed.xml").read_bytes()).find("{*}entry/{*}title")
    assert title is not None and title.text.startswith(hostile)


def test_a_build_without_history_says_so(tmp_path, contract, checked):
    (tmp_path / "data").mkdir()
    assert editions(tmp_path) == []
    now = Edition("0.0.1", "2026-01-01", {n: as_text(t) for n, t in checked.tables.items()}, contract.data)
    write_archive([], now, pairs([now]), tmp_path)
    assert not list((tmp_path / "releases").rglob("index.html"))


def test_today_is_what_the_check_compiles(repository):
    root, versions = repository
    checked = check(root / "data", load(root))
    assert not checked.errors and load(root).data["version"] == versions[-1]
