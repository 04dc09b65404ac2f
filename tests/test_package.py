"""The published package, read back by tools that share no code with the build."""

import csv
import hashlib
import json
import sqlite3
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
from frictionless import Package, validate

from pipeline import descriptor
from pipeline.package import release_differs
from pipeline.tables import to_csv

ROOT = descriptor.ROOT
with Path(__file__).with_name("published_columns.csv").open(encoding="utf-8", newline="") as handle:
    # every column that a release ever published: readers rely on them; rows are added here and never taken away
    PUBLISHED = [(row["table"], row["column"]) for row in csv.DictReader(handle)]


def frames(package):
    return {
        path.stem: pd.read_csv(path, dtype_backend="numpy_nullable") for path in (package / "package").glob("*.csv")
    }


def test_the_clone_holds_a_valid_release_with_nothing_built():
    report = validate(str(ROOT / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])
    assert {task.name for task in report.tasks} == set(descriptor.load().tables)


def test_release_descriptor_and_changelog_agree(contract):
    version, day = contract.data["version"], contract.data["created"][:10]
    assert f"\n## {version} ({day})\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f'version: "{version}"\n' in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_frictionless_reads_the_package_with_hashes(package):
    report = validate(str(package / "package" / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])
    resource = Package(str(package / "package" / "datapackage.json")).get_resource("claims")
    path = package / "package" / "claims.csv"
    assert resource.hash == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open("a", encoding="utf-8") as handle:
        handle.write("x")
    try:
        assert not validate(str(package / "package" / "datapackage.json")).valid, "a changed file must not pass"
    finally:
        path.write_bytes(path.read_bytes()[:-1])


def test_pandas_reads_types_and_keys(package, checked, contract):
    tables = frames(package)
    claims = tables["claims"]
    assert len(claims) == sum(len(r.claims) for r in checked.model.records.values() if r.kind != "survey") > 100
    assert pd.api.types.is_numeric_dtype(claims["value"]) and pd.api.types.is_bool_dtype(claims["is_current"])
    assert [(t, c) for t, c in PUBLISHED if c not in tables[t].columns] == [], "a published column is lost or renamed"
    assert {(t, c) for t in contract.tables for c in contract.columns(t)} == set(PUBLISHED), "list the new columns too"
    assert set(tables["cuts"].record_id) == {r.id for r in checked.model.records.values() if r.kind == "cut"}
    assert claims.merge(tables["evidence"], on=["record_id", "claim_id"]).groupby(
        ["record_id", "claim_id"]
    ).ngroups == len(claims)
    assert (claims[claims.is_current].groupby("record_id").size() == 1).all()


def test_duckdb_reads_it_and_every_reference_resolves(package, contract):
    with duckdb.connect() as db:
        for name in contract.tables:
            path = package / "package" / f"{name}.csv"
            db.execute(f"create view {name} as select * from read_csv('{path}', header=true, all_varchar=true)")
        for name, table in contract.tables.items():
            for key in table["schema"].get("foreignKeys", []):
                target = key["reference"]["resource"] or name
                on = " and ".join(
                    f"a.{a} = b.{b}" for a, b in zip(key["fields"], key["reference"]["fields"], strict=True)
                )
                filled = " and ".join(f"a.{a} is not null" for a in key["fields"])
                lost = db.execute(
                    f"select count(*) from {name} a where {filled} and not exists (select 1 from {target} b where {on})"
                ).fetchone()[0]
                assert lost == 0, f"{name} {key['fields']}"
        (total,) = db.execute(
            "select sum(current_value::double) from cuts where counted = 'true' and measure = 'wte_removed'"
        ).fetchone()
        assert total and total > 0


def test_sqlite_holds_the_same_rows_with_keys_and_views(package, contract):
    with sqlite3.connect(next((package / "package").glob("*.sqlite"))) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        for name in contract.tables:
            with (package / "package" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
                rows = list(csv.DictReader(handle))
            columns = [column[1] for column in db.execute(f"PRAGMA table_info({name})")]
            assert columns == contract.columns(name)
            assert db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] == len(rows)
            keys = [r[1] for r in sorted(db.execute(f"PRAGMA table_info({name})"), key=lambda r: r[5]) if r[5]]
            assert keys == contract.tables[name]["schema"]["primaryKey"]
        money = "SELECT value FROM claims WHERE record_id = 'nhs-systems-2024-25-deficit-before-support' AND is_current"
        assert db.execute(money).fetchall() == [(2_200_000_000,)]
        (counted,) = db.execute("SELECT count(*) FROM counted_claims").fetchone()
        assert counted == db.execute("SELECT count(*) FROM records WHERE counted").fetchone()[0] > 0
        assert db.execute("SELECT says FROM sourced_claims WHERE record_id = 'raj-2024-25-wte'").fetchall()


def test_money_is_whole_pounds_and_dates_are_iso(package):
    with (package / "package" / "claims.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            for column in ("value", "low", "high"):
                if row[column] and row["unit"] == "GBP":
                    assert row[column].lstrip("-").isdigit(), row
            if row["period_end"]:
                date.fromisoformat(row["period_end"])
    for path in (package / "package").glob("*.csv"):
        raw = path.read_bytes()
        assert b"\r" not in raw and raw.endswith(b"\n") and not raw.startswith(b"\xef\xbb\xbf")


def test_the_zip_holds_the_package_under_one_folder(package):
    (archive,) = package.glob("*.zip")
    with zipfile.ZipFile(archive) as zipped:
        assert zipped.testzip() is None
        names = {name.removeprefix(f"{archive.stem}/") for name in zipped.namelist()}
        tables = {path.name for path in (package / "package").glob("*.csv")}
        assert names == tables | {"README.md", "SHA256SUMS", "datapackage.json", "quality.json"}
        described = json.loads(zipped.read(f"{archive.stem}/datapackage.json"))
    assert archive.name == f"{described['name']}-{described['version']}.zip"


def test_unreleased_data_never_carries_a_release_number(checked, tmp_path):
    assert release_differs(checked.tables, tmp_path), "no released tables at all is a difference"
    for name, table in checked.tables.items():
        (tmp_path / f"{name}.csv").write_text(to_csv(table), encoding="utf-8")
    assert not release_differs(checked.tables, tmp_path)
    (tmp_path / "cuts.csv").write_text("", encoding="utf-8")
    assert release_differs(checked.tables, tmp_path)
