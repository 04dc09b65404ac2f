"""Every format read back by a tool that shares no code with the build: the same cells, true types, no formulas."""

import csv
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from frictionless import Package

from conftest import ROOT
from pipeline.check import check
from pipeline.package import seal_package, write_package
from pipeline.tables import native
from pipeline.values import WrongValue, number
from test_hostile import FREE, leaves, put, write

REFUSED = ("=1+1", "@x", "-A1", "+cmd|' /C calc'!A0", "-5:7", "＝1")
PASSING = (
    *("+44", "-5", "-£5m a year", "'=1", "a=1", "<r><t>b</t></r>", "<r>", "_x0041_", "_x000D_", "&amp; <f>1</f>"),
    *("https://example.org/", "mailto:a@example.org", "{=1}", "1E5", "00123", "2024-05", "TRUE", "#REF!", "NA", "null"),
    *('"quoted", and; more', "a\n=1+1", "a\t=1", "🏥 \U0001d11e"),
)


# --- readers: a folder of all formats → {table: rows of plain values, the header first} -----------------------


def frictionless_csv(folder):
    package = Package(str(folder / "datapackage.json"))
    return {r.name: [r.schema.field_names, *(row.to_list() for row in r.read_rows())] for r in package.resources}


def pandas_csv(folder):
    return {p.stem: framed(pd.read_csv(p, dtype=str, keep_default_na=False)) for p in folder.glob("*.csv")}


def pandas_parquet(folder):
    return {p.stem: framed(pd.read_parquet(p, dtype_backend="pyarrow")) for p in folder.glob("parquet/*.parquet")}


def framed(frame):
    return [list(frame.columns), *frame.astype(object).where(frame.notna(), None).values.tolist()]


def duckdb_parquet(folder):
    with duckdb.connect() as db:
        return {p.stem: queried(db.execute(f"SELECT * FROM '{p}'")) for p in folder.glob("parquet/*.parquet")}


def sqlite(folder):
    with sqlite3.connect(next(folder.glob("*.sqlite"))) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: queried(db.execute(f"SELECT * FROM {name}")) for name in names}


def queried(cursor):
    return [[column[0] for column in cursor.description], *map(list, cursor.fetchall())]


def excel(folder):
    book = openpyxl.load_workbook(next(folder.glob("*.xlsx")))
    return {s.title: [list(row) for row in s.iter_rows(values_only=True)] for s in book if s.title != "README"}


def as_json(folder):
    (path,) = set(folder.glob("*.json")) - {folder / "datapackage.json", folder / "quality.json"}
    tables = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["tables"]
    columns = columns_of(folder)
    assert all(list(row) == columns[name] for name, rows in tables.items() for row in rows)
    return {name: [columns[name], *(list(row.values()) for row in rows)] for name, rows in tables.items()}


READERS = (frictionless_csv, pandas_csv, pandas_parquet, duckdb_parquet, sqlite, excel, as_json)


def raw(folder):
    """The cells of the CSV files, as they stand."""
    return {p.stem: list(csv.reader(p.open(encoding="utf-8", newline=""))) for p in folder.glob("*.csv")}


def columns_of(folder):
    return {name: rows[0] for name, rows in raw(folder).items()}


def as_text(value, kind):
    """A value as the CSV says it, by the type that the contract gives its column."""
    if value is None or value == "":
        return ""
    if kind == "boolean":
        return {"True": "true", "1": "true", "False": "false", "0": "false"}.get(str(value), value)
    if kind in ("number", "integer"):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)[:10] if kind == "date" else value


def differing(folder, reader, contract):
    """Cells that a reader gives otherwise than the CSV has them."""
    found, expected = reader(folder), raw(folder)
    assert found.keys() == expected.keys()
    for name, (header, *rows) in found.items():
        kinds = [field["type"] for field in contract.fields(name)]
        assert [header, len(rows)] == [expected[name][0], len(expected[name]) - 1], name
        for row, cells in zip(rows, expected[name][1:], strict=True):
            for column, value, kind, text in zip(header, row, kinds, cells, strict=True):
                if as_text(value, kind) != text:
                    yield name, column, value, text


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_every_format_has_the_same_cells(package, contract, reader):
    assert list(differing(package / "package", reader, contract)) == []


# --- types ---------------------------------------------------------------------------------------------------


def test_parquet_has_the_types_and_descriptions_of_the_contract(package, contract):
    types = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
    with duckdb.connect() as db:
        for name in contract.tables:
            path = package / "package" / "parquet" / f"{name}.parquet"
            found = [row[:2] for row in db.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
            assert found == [(f["name"], types[f["type"]]) for f in contract.fields(name)], name
            for field, described in zip(pq.read_schema(path), contract.fields(name), strict=True):
                assert field.metadata[b"description"].decode() == described["description"]
    claims = pd.read_parquet(package / "package" / "parquet" / "claims.parquet")
    assert claims["value"].dtype == "float64" and claims["is_current"].dtype == "bool"
    assert isinstance(claims["period_start"].dropna().iloc[0], date) and claims["date"].str.fullmatch(r"[\d-]+").all()


def test_the_workbook_has_a_codebook_real_dates_and_numbers_and_a_header_in_view(package, contract):
    book = openpyxl.load_workbook(next((package / "package").glob("*.xlsx")))
    assert book.sheetnames == ["README", *contract.tables] and max(map(len, book.sheetnames)) <= 31
    assert {(t, f["name"], f["type"], None, f["title"], f["description"]) for t in contract.tables
            for f in contract.fields(t)} <= set(book["README"].iter_rows(values_only=True))  # fmt: skip
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "date": datetime}
    for name in contract.tables:
        header, *rows = book[name].iter_rows()
        assert book[name].freeze_panes == "A2" and book[name].auto_filter.ref == book[name].dimensions
        assert all(cell.font.bold for cell in header)
        assert all(5 < width.width < 70 for width in book[name].column_dimensions.values())
        for row in rows:
            for cell, field in zip(row, contract.fields(name), strict=True):
                assert cell.value is None or isinstance(cell.value, kinds[field["type"]]), (name, cell.coordinate)
                assert field["type"] != "date" or cell.value is None or cell.is_date
    created = datetime.fromisoformat(contract.data["created"]).replace(tzinfo=None)
    assert (book.properties.created, book.properties.modified) == (created, created)


def test_json_says_what_it_is_and_has_plain_types(package, contract):
    path = package / "package" / f"{contract.data['name']}.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    described = json.loads((package / "package" / "datapackage.json").read_text(encoding="utf-8"))
    about = ("name", "title", "version", "created", "homepage", "licenses")
    assert {key: data[key] for key in about} == {key: described[key] for key in about}
    kinds = {"integer": (int,), "number": (int, float), "boolean": (bool,)}
    for name, rows in data["tables"].items():
        for field in contract.fields(name):
            wanted = (*kinds.get(field["type"], (str,)), type(None))
            assert all(type(row[field["name"]]) in wanted for row in rows), (name, field["name"])


def test_every_number_that_the_check_lets_pass_is_exact_as_a_double():
    for text in ("999999999999999", "-99999999999999.9", "123456789.123456", "0.000001", "9007199254.74099"):
        assert Decimal(repr(native(number(text)))) == Decimal(text)
    for text in ("1234567890.123456", "999999999999999.9"):
        with pytest.raises(WrongValue):
            number(text)


# --- bytes ---------------------------------------------------------------------------------------------------


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_every_file_is_the_same_bytes_in_any_time_zone_locale_hash_order_and_folder(package, tmp_path, command):
    script = tmp_path / "else where" / "scripts" / "again.py"
    script.parent.mkdir(parents=True)
    script.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
        "from pathlib import Path\nfrom pipeline import descriptor\nfrom pipeline.check import check\n"
        "from pipeline.package import seal_package, version_of, write_package\n"
        "contract = descriptor.load(); data = descriptor.ROOT / 'data'; tables = check(data, contract).tables\n"
        "dist = Path(sys.argv[1]); write_package(tables, contract, dist)\n"
        "seal_package(tables, contract, version_of(tables, contract, data / 'tables'), [], dist)\n",
        encoding="utf-8",
    )
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    far = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "4242", **ascii_only}
    result = command("again.py", tmp_path / "dist", cwd=script.parents[1], **far)
    assert result.returncode == 0, result.stderr
    again, first = contents(tmp_path / "dist"), contents(package)
    assert again.keys() == first.keys() and len(first) > 50
    assert [name for name, raw in first.items() if raw != again[name]] == []


def test_sha256sum_proves_the_folder_and_the_zip(package, tmp_path):
    (archive,) = package.glob("*.zip")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(tmp_path)
    for folder in (package / "package", tmp_path / archive.stem):
        proof = subprocess.run(
            ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
        )
        assert proof.returncode == 0, proof.stdout + proof.stderr
        named = [line[66:] for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
        assert named == sorted(contents(folder).keys() - {"SHA256SUMS"})


# --- formulas ------------------------------------------------------------------------------------------------


def formulas(folder):
    """Cells that a spreadsheet would take for a formula: a sign with more behind it than one figure and words."""
    for name, rows in raw(folder).items():
        for cell in (cell.lstrip() for row in rows for cell in row):
            if re.match(r"[=@+\-＝＠＋－]", cell) and not re.fullmatch(r"[-+] ?£?\d[\d.,]*[\w %,.]*", cell):
                yield name, cell
    with zipfile.ZipFile(next(folder.glob("*.xlsx"))) as book:
        for part in book.namelist():
            if re.search(rb"<(f|hyperlinks?|ddeLink|externalLink)\b", book.read(part)):
                yield part, "a formula or a link"


def test_no_published_cell_opens_as_a_formula(package):
    assert list(formulas(package / "package")) == []


@pytest.fixture(scope="module")
def hostile(contract, tmp_path_factory):
    """Texts that the check refused, and all formats of a copy of the data with each other text in every free field."""
    tmp = tmp_path_factory.mktemp("hostile")
    data = Path(shutil.copytree(ROOT / "data", tmp / "data"))
    records = sorted([*data.glob("cuts/*.yml"), *data.glob("surveys/*.yml")], key=lambda path: -path.stat().st_size)
    used = dict(zip(REFUSED + PASSING, records, strict=False))
    originals = {text: path.read_text(encoding="utf-8") for text, path in used.items()}
    for text, path in used.items():
        record = yaml.load(originals[text], yaml.CBaseLoader)
        for place, value in leaves(record):
            if place[-1] in FREE - {"says", "of"}:  # which are held to the figure
                record = put(record, place, text)
            elif place[-1] == "url":  # a source of its own, as other records describe the true one
                record = put(record, place, f"{value}#{path.stem}")
        write(path, record)
    faults = check(data, contract).errors
    refused = [text for text, path in used.items() if any(Path(f.file).name == path.name for f in faults)]
    assert {fault.rule for fault in faults} == {"formula"}
    for text in refused:
        used[text].write_text(originals[text], encoding="utf-8")
    checked = check(data, contract)
    assert not checked.errors, checked.errors
    write_package(checked.tables, contract, tmp / "dist")
    seal_package(checked.tables, contract, "0.0.0+hostile", [], tmp / "dist")
    return refused, tmp / "dist" / "package"


def test_hostile_text_is_refused_or_stays_text(hostile):
    refused, folder = hostile
    assert refused == list(REFUSED)
    assert list(formulas(folder)) == []
    cells = [cell for rows in raw(folder).values() for row in rows for cell in row]
    assert {text: cells.count(text) for text in PASSING if cells.count(text) < 5} == {}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_hostile_text_is_the_same_in_every_format(hostile, contract, reader):
    assert list(differing(hostile[1], reader, contract)) == []
