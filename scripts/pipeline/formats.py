"""Write the tables in the formats beside CSV and SQLite: Parquet, one Excel workbook, one JSON file.

The same tables, descriptor and version give the same bytes with the same libraries.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .compile import Table
from .descriptor import Descriptor
from .tables import native

# Numbers are doubles: DuckDB, Polars, Spark, R and pandas all take them for numbers (pandas makes objects of decimals),
# and they are exact, as the check lets no number of more than 15 digits pass.
_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
_WIDEST = 420  # pixels of a column


def write_formats(tables: dict[str, Table], descriptor: Descriptor, version: str, folder: Path) -> None:
    """Write parquet/<table>.parquet, <name>.xlsx and <name>.json into a folder, replacing what was there."""
    rows = {name: typed_rows(table, descriptor) for name, table in tables.items()}
    write_parquet(rows, descriptor, folder / "parquet")
    write_xlsx(rows, descriptor, version, folder / f"{descriptor.data['name']}.xlsx")
    write_json(rows, descriptor, version, folder / f"{descriptor.data['name']}.json")


def typed_rows(table: Table, descriptor: Descriptor) -> list[dict]:
    """A table's rows as str, int, float, bool and date by the descriptor's types; None for missing.

    A date known to the month or year alone (2024-05) is a string there and stays one.
    """
    dates = {field["name"] for field in descriptor.fields(table.name) if field["type"] == "date"}

    def typed(column: str, value: object) -> object:
        if column in dates and value is not None:
            return date.fromisoformat(value)
        return native(value) if isinstance(value, Decimal) else value

    return [{column: typed(column, row[column]) for column in table.columns} for row in table.rows]


def write_parquet(rows: dict[str, list[dict]], descriptor: Descriptor, folder: Path) -> None:
    """Write one file a table; tables and columns carry their title and description as metadata."""
    folder.mkdir(exist_ok=True)
    for name, table in rows.items():
        fields = [pa.field(f["name"], _ARROW[f["type"]], metadata=_about(f)) for f in descriptor.fields(name)]
        schema = pa.schema(fields, metadata=_about(descriptor.tables[name]))
        # Snappy, the default, is the one compression that every reader has
        pq.write_table(pa.Table.from_pylist(table, schema=schema), folder / f"{name}.parquet")


def _about(described: dict) -> dict[str, str]:
    return {"title": described["title"], "description": described["description"]}


def write_json(rows: dict[str, list[dict]], descriptor: Descriptor, version: str, path: Path) -> None:
    """Write {name, title, version, created, homepage, licenses, tables: {table: [row]}}, null for missing."""
    data = {key: descriptor.data[key] for key in ("name", "title", "version", "created", "homepage", "licenses")}
    data |= {"version": version, "tables": rows}
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False, default=date.isoformat)
    path.write_text(text + "\n", encoding="utf-8")


# --- Excel -------------------------------------------------------------------------------------------------


def write_xlsx(rows: dict[str, list[dict]], descriptor: Descriptor, version: str, path: Path) -> None:
    """Write a workbook: a codebook called README, then a sheet for each table."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:  # in memory no file's mode or date gets in
        meta = descriptor.data
        created = datetime.fromisoformat(meta["created"]).replace(tzinfo=None)
        book.set_properties({"title": meta["title"], "author": meta["contributors"][0]["title"], "created": created})
        looks = {
            "plain": book.add_format(),
            "head": book.add_format({"bold": True, "bottom": 1}),
            "whole": book.add_format({"num_format": "#,##0"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        }
        sheet = book.add_worksheet("README")
        licence = meta["licenses"][0]
        about = [
            f"{meta['title']}, version {version}",
            meta["description"],
            f"Data as of {meta['created'][:10]}. Licence: {licence['title']} ({licence['path']}). {meta['homepage']}",
            "Add up only rows whose counted is true, and only within one measure, one level and one period.",
        ]
        _fill(sheet, _codebook(rows, descriptor), looks, top=len(about) + 1)
        for row, line in enumerate(about):  # after the columns have their widths
            sheet.write_string(row, 0, line)
        for name, table in rows.items():
            columns = descriptor.columns(name)
            _fill(book.add_worksheet(name), [columns, *([row[c] for c in columns] for row in table)], looks)


def _codebook(rows: dict[str, list[dict]], descriptor: Descriptor) -> list[list]:
    """A header; for each table a line with its number of rows, then a line for each column."""
    lines = [["table", "column", "type", "rows", "title", "description"]]
    for name, table in rows.items():
        described = descriptor.tables[name]
        lines.append([name, None, None, len(table), described["title"], described["description"]])
        lines += [[name, f["name"], f["type"], None, f["title"], f["description"]] for f in descriptor.fields(name)]
    return lines


def _fill(sheet: Worksheet, lines: list[list], looks: dict[str, Format], top: int = 0) -> None:
    """Write a header and rows from line `top` on; the header stays in view and filters the rows."""
    header, *rows = lines
    for column, name in enumerate(header):
        sheet.write_string(top, column, name, looks["head"])
    for number, row in enumerate(rows, top + 1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, looks)
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, top + len(rows), len(header) - 1)
    sheet.autofit(_WIDEST)


def _write(sheet: Worksheet, row: int, column: int, value: object, looks: dict[str, Format]) -> None:
    """Write one cell by its own type; a text is never read as a formula, a link, a number or markup."""
    match value:
        case None:
            pass
        case bool():
            sheet.write_boolean(row, column, value)
        case int():
            sheet.write_number(row, column, value, looks["whole"])
        case float():
            sheet.write_number(row, column, value)
        case date():
            sheet.write_datetime(row, column, value, looks["date"])
        case str() if value.startswith("<r>"):  # which xlsxwriter takes for markup of its own, unless in two pieces
            sheet.write_rich_string(row, column, value[0], looks["plain"], value[1:])
        case _:
            sheet.write_string(row, column, value)
