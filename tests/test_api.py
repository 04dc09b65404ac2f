"""The machine-readable addresses: held against their description, against SQL on the published tables, and counted."""

import csv
import json
import re
import sqlite3
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from conftest import ROOT
from pipeline.api import write_api, write_file
from pipeline.descriptor import REGISTERS
from pipeline.history import export, releases
from pipeline.package import version_of
from pipeline.site import SiteData


@pytest.fixture(scope="module")
def data(checked, contract):
    return SiteData(checked, contract, version_of(checked.tables, contract, ROOT / "data" / "tables"), [])


@pytest.fixture(scope="module")
def folder(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    write_api(data, folder)
    return folder


@pytest.fixture(scope="module")
def spec(folder):
    return load(folder, "api/v1/openapi.json")


@pytest.fixture
def db(package):
    with sqlite3.connect(next((package / "package").glob("*.sqlite"))) as connection:
        connection.row_factory = lambda cursor, row: dict(zip([c[0] for c in cursor.description], row, strict=True))
        yield connection


def load(folder: Path, path: str) -> dict:
    return json.loads((folder / path).read_text(encoding="utf-8"))


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def strict(schema):
    """A schema under which a property that it does not name is a fault."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return {key: strict(value) for key, value in schema.items()} | closed


def faults(spec: dict, path: str, content: dict) -> list[str]:
    """What the description of a path says against a file's content."""
    schema = spec["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(strict({"components": spec["components"]} | schema))
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(content)]


def described(spec: dict, file: str) -> list[str]:
    """The paths of the description that a file stands at."""
    found = []
    for path, item in spec["paths"].items():
        patterns = {p["name"]: p["schema"].get("pattern", "[^/]+") for p in item["get"].get("parameters", [])}
        pattern = re.sub(r"\\{(\w+)\\}", lambda m, p=patterns: f"(?:{p[m[1]].strip('^$')})", re.escape(path))
        found += [path] if re.fullmatch(pattern, f"/{file}") else []
    return found


def test_the_description_is_sound_openapi(spec, contract):
    validate(spec)
    assert spec["servers"] == [{"url": contract.data["homepage"].rstrip("/")}]
    value = spec["components"]["schemas"]["claims"]["properties"]["value"]
    field = next(f for f in contract.fields("claims") if f["name"] == "value")
    assert value["type"] == ["number", "null"] and value["description"] == field["description"]
    assert "wte" in spec["components"]["schemas"]["claims"]["properties"]["unit"]["enum"]


def test_every_file_is_described_and_listed_and_every_path_leads_to_files(folder, spec):
    places = {file: described(spec, file) for file in files(folder)}
    assert {file: paths for file, paths in places.items() if len(paths) != 1} == {}
    assert {path for (path,) in places.values()} == spec["paths"].keys()
    listed = {
        re.sub(r"{\w+}", value, address["url"])
        for address in load(folder, "api/v1/index.json")["addresses"]
        for value in address["values"] or [""]
    }
    assert listed == places.keys()


def test_every_file_keeps_its_schema(folder, spec):
    for file in sorted(file for file in files(folder) if file.startswith("api/")):
        (path,) = described(spec, file)
        assert faults(spec, path, load(folder, file)) == [], file


def test_a_file_that_differs_from_its_schema_would_be_found(folder, spec):
    path, content = "/api/v1/records/{record_id}.json", load(folder, "api/v1/records/raj-2024-25-wte.json")
    assert faults(spec, path, content) == []
    content["claims"][0] |= {"value": "600", "stray": 1, "unit": "furlong"}
    del content["record"]["title"]
    assert len(faults(spec, path, content)) == 4


def test_counts_are_those_of_sql(folder, db):
    def count(select: str) -> int:
        (row,) = db.execute(f"SELECT count(*) AS n FROM {select}").fetchall()
        return row["n"]

    records = load(folder, "api/v1/records.json")["records"]
    assert len(records) == count("records") > 0
    assert sum(r["current_claim"] is not None for r in records) == count("current_claims")
    for path in (folder / "api" / "v1" / "kinds").iterdir():
        assert len(load(path.parent, path.name)["records"]) == count(f"records WHERE kind = '{path.stem}'")
    whole = [load(path.parent, path.name) for path in (folder / "records").glob("*.json")]
    for part, table in (("claims", "claims"), ("findings", "survey_findings")):
        own = {(s["record_id"], s.get("claim_id", s.get("finding_id"))) for w in whole for s in w[part]}
        assert len(own) == count(table)
    for path in (folder / "organisations").glob("*.json"):
        content = load(path.parent, path.name)
        assert len(content["records"]) == count(f"records WHERE organisation_id = '{path.stem}'")
        said = f"claims WHERE said_by_id = '{path.stem}' AND organisation_id <> '{path.stem}'"
        assert len(content["said_of_others"]) == count(said)
    for path in (folder / "api" / "v1" / "years").iterdir():
        first, last = f"{path.stem[:4]}-04-01", f"{int(path.stem[:4]) + 1}-03-31"
        touches = f"coalesce(period_start, period_end) <= '{last}' AND coalesce(period_end, period_start) >= '{first}'"
        assert len(load(path.parent, path.name)["records"]) == count(f"records WHERE {touches}") > 0
    registers = load(folder, "api/v1/vocabularies.json")
    assert {name: len(registers[name]) for name in REGISTERS} == {name: count(name) for name in REGISTERS}


def test_every_record_is_the_rows_of_the_tables(folder, db):
    """Also one by one: no number, date or text differs from the published SQLite, and every address leads to a file."""

    def rows(table: str, where: str, *values: str) -> list[dict]:
        return db.execute(f"SELECT * FROM {table} WHERE {where}", values).fetchall()

    def unordered(found: list[dict]) -> list:
        return sorted((sorted(row.items()) for row in found), key=repr)

    current = {r["record_id"]: r for r in load(folder, "api/v1/records.json")["records"]}
    for i in current:
        file = load(folder, f"records/{i}.json")
        assert [file["record"]] == rows("records", "record_id = ?", i)
        assert file["url"] == current[i]["url"] == f"records/{i}/"
        claims, evidence = [], []
        for said in file["claims"] + file["findings"]:
            name = said.get("claim_id") or said["finding_id"]
            assert said.pop("url") == f"records/{i}/#{name}"
            evidence += said.pop("evidence")
            claims.append(said)
        for row in evidence:
            assert [row.pop("source")] == rows("sources", "source_id = ?", row["source_id"])
        assert unordered(claims) == unordered(
            rows("claims", "record_id = ?", i) + rows("survey_findings", "record_id = ?", i)
        )
        assert unordered(evidence) == unordered(rows("evidence", "record_id = ?", i))
        assert unordered(file["links"]) == unordered(rows("record_links", "record_id = ?1 OR target_id = ?1", i))
        assert rows("surveys", "record_id = ?", i) == ([file["survey"]] if file["survey"] else [])
        names = [claim["claim_id"] for claim in claims if claim.get("is_current")]
        assert names == ([current[i]["current_claim"]["claim_id"]] if current[i]["current_claim"] else [])
        assert (folder / "api/v1/records" / f"{i}.json").read_bytes() == (folder / "records" / f"{i}.json").read_bytes()


def test_numbers_are_exact(folder, checked):
    for row in checked.tables["claims"].rows:
        text = (folder / "records" / f"{row['record_id']}.json").read_text(encoding="utf-8")
        (claim,) = [c for c in json.loads(text, parse_float=Decimal)["claims"] if c["claim_id"] == row["claim_id"]]
        columns = ("value", "low", "high", "share_percent")
        assert [claim[c] for c in columns] == [row[c] for c in columns]


def test_csv_has_each_claim_with_each_of_its_sources(folder, db):
    for path, where in (
        ("records/raj-2024-25-wte.csv", "record_id = 'raj-2024-25-wte'"),
        ("organisations/RAJ.csv", "organisation_id = 'RAJ'"),
    ):
        with (folder / path).open(encoding="utf-8", newline="") as handle:
            found = list(csv.DictReader(handle))
        names = {
            "url": "source_url",
            "publisher": "source_publisher",
            "tier": "source_tier",
            "source_title": "source_title",
        }
        names |= {name: name for name in ("record_id", "claim_id", "stage", "date", "value", "says", "role")}
        rows = db.execute(f"SELECT * FROM sourced_claims WHERE {where}").fetchall()
        expected = [tuple("" if row[name] is None else str(row[name]) for name in names) for row in rows]
        assert sorted(tuple(row[name] for name in names.values()) for row in found) == sorted(expected) != []


def test_changes_are_those_that_sql_finds(folder, package, contract, tmp_path):
    """Each table's old and new rows joined on its key, cell by cell, by DuckDB."""
    registered = load(folder, "api/v1/releases.json")["releases"]
    held = {release.version: release for release in releases()}
    assert {r["version"]: r["changes"] for r in registered} == {v: f"api/v1/changes/{v}.json" for v in held}
    for version, release in held.items():
        old = export(release, tmp_path / version, "data/tables") / "data" / "tables"
        given = load(folder, f"api/v1/changes/{version}.json")["changes"]
        found = set()
        for name, table in contract.tables.items():
            files = old / f"{name}.csv", package / "package" / f"{name}.csv"
            found |= _differences(name, table["schema"]["primaryKey"], *files)
        assert {tuple(c[k] for k in ("table", "key", "change", "column", "before", "after")) for c in given} == found


def _differences(name: str, key: list[str], old: Path, new: Path) -> set[tuple]:
    """(table, key, change, column, before, after) of all that differs in two CSV files; the older may not exist."""
    with duckdb.connect() as sql:
        for alias, path in (("a", old if old.is_file() else new), ("b", new)):
            rows = f"read_csv('{path}', header = true, all_varchar = true, nullstr = '')"
            sql.execute(f"CREATE TABLE {alias} AS SELECT concat_ws(' ', {', '.join(key)}) AS row_key, * FROM {rows}")
        found = set()
        if not old.is_file():
            sql.execute("DELETE FROM a")
            found = {(name, None, "added", None, None, None)}
        before, after = ([row[0] for row in sql.execute(f"DESCRIBE {alias}").fetchall()] for alias in "ab")
        found |= {(name, None, "added", c, None, None) for c in after if c not in before}
        found |= {(name, None, "removed", c, None, None) for c in before if c not in after}
        for change, one, other in (("added", "b", "a"), ("removed", "a", "b")):
            keys = sql.execute(f"SELECT row_key FROM {one} ANTI JOIN {other} USING (row_key)").fetchall()
            found |= {(name, k, change, None, None, None) for (k,) in keys}
        for c in set(before) & set(after):
            differ = (
                f'SELECT row_key, a."{c}", b."{c}" FROM a JOIN b USING (row_key) WHERE a."{c}" IS DISTINCT FROM b."{c}"'
            )
            found |= {(name, k, "changed", c, x, y) for k, x, y in sql.execute(differ).fetchall()}
        return found


def test_without_the_history_releases_say_what_is_not_known(data, folder, tmp_path, monkeypatch):
    """As from a copy of the source without git: everything but the changes is there."""
    monkeypatch.setattr(data, "editions", {})
    write_api(data, tmp_path / "site")
    releases_known = load(tmp_path / "site", "api/v1/releases.json")["releases"]
    assert releases_known and {row["changes"] for row in releases_known} == {None}
    assert files(folder) - files(tmp_path / "site") == {
        row["changes"] for row in load(folder, "api/v1/releases.json")["releases"]
    }


@pytest.mark.parametrize(
    "path", ["../x.json", "records/../../x.json", "/x.json", "records//x", "records/.x", "a\\b", "a b", "é", "x\n", ""]
)
def test_no_address_leads_out_of_the_folder(tmp_path, path):
    with pytest.raises(ValueError):
        write_file(tmp_path / "in", path, "x")
    assert files(tmp_path) == set()
