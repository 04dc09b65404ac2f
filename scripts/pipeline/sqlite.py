"""Write the tables as one SQLite file: the contract's types, keys and references, and views that readers want.

The file is the same, byte for byte, for the same tables and the same SQLite library.
"""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from .compile import Table
from .descriptor import Descriptor
from .tables import native

sqlite3.register_adapter(Decimal, native)
_TYPES = {"string": "TEXT", "date": "TEXT", "number": "NUMERIC", "integer": "INTEGER", "boolean": "INTEGER"}
_VIEWS = {
    "current_claims": "SELECT c.*, r.title, r.status, r.counted, r.why_not_counted"
    " FROM claims c JOIN records r USING (record_id) WHERE c.is_current",
    "sourced_claims": "SELECT c.*, e.says, e.role, s.url, s.publisher, s.title AS source_title, s.published, s.tier"
    " FROM claims c JOIN evidence e USING (record_id, claim_id) JOIN sources s USING (source_id)",
    "counted_claims": "SELECT * FROM current_claims WHERE counted",
}


def write_sqlite(tables: dict[str, Table], descriptor: Descriptor, path: Path) -> None:
    """Write every table and view to path, replacing what was there. Raises sqlite3.IntegrityError."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        for name in tables:
            connection.execute(_create(name, descriptor))
        for name, table in tables.items():
            places = ", ".join(f":{column}" for column in table.columns)
            connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', table.rows)
            for key in descriptor.tables[name]["schema"].get("foreignKeys", []):
                index = "_".join([name, *key["fields"]])
                connection.execute(f'CREATE INDEX "{index}" ON "{name}" ({_quoted(key["fields"])})')
        for name, select in _VIEWS.items():
            connection.execute(f"CREATE VIEW {name} AS {select}")
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise sqlite3.IntegrityError(f"references that lead nowhere: {broken[:3]}")
        connection.execute("COMMIT")
        connection.execute("VACUUM")


def _create(name: str, descriptor: Descriptor) -> str:
    schema, lines = descriptor.tables[name]["schema"], []
    for field in schema["fields"]:
        constraints = field.get("constraints", {})
        required = " NOT NULL" if constraints.get("required") else ""
        unique = " UNIQUE" if constraints.get("unique") else ""
        lines.append(f'"{field["name"]}" {_TYPES[field["type"]]}{required}{unique}')
    lines.append(f"PRIMARY KEY ({_quoted(schema['primaryKey'])})")
    for key in schema.get("foreignKeys", []):
        target, there = key["reference"]["resource"] or name, _quoted(key["reference"]["fields"])
        lines.append(f'FOREIGN KEY ({_quoted(key["fields"])}) REFERENCES "{target}" ({there})')
    return f'CREATE TABLE "{name}" (\n  ' + ",\n  ".join(lines) + "\n)"


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
