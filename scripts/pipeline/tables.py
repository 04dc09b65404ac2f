"""Write tables as CSV and read released ones back: UTF-8, LF, plain digits, true and false, empty for missing."""

import csv
import io
from decimal import Decimal
from pathlib import Path

from .compile import Table


def cell(value: object) -> str:
    """One value as CSV text: no exponent, no trailing zeros, no thousands separator."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def native(value: Decimal) -> int | float:
    """A number as programs hold it, exact: whole numbers as integers, others as binary floating point."""
    return int(value) if value == value.to_integral_value() else float(value)


def to_csv(table: Table) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(row.values() for row in as_text(table))
    return buffer.getvalue()


def as_text(table: Table) -> list[dict[str, str]]:
    """A table as it reads from its CSV file."""
    return [{column: cell(row[column]) for column in table.columns} for row in table.rows]


def write_tables(tables: dict[str, Table], folder: Path) -> None:
    """Write every table to folder/<name>.csv, replacing what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(to_csv(table), encoding="utf-8", newline="")


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def read_tables(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Every table of a folder by name, as text; none where there is no folder."""
    return {path.stem: read_rows(path) for path in sorted(folder.glob("*.csv"))}
