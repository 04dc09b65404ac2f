"""Hold compiled tables to the contract with Frictionless, and lead every finding back to the line it came from."""

import copy
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .compile import Table
from .descriptor import Descriptor
from .faults import Fault, shown
from .tables import write_tables

_HELP = {  # Frictionless's error types → how to mend them
    "primary-key": "Two rows have the same key: delete or rename one of them.",
    "foreign-key": "Write an id that exists, or add it to its register.",
}


def contract_faults(tables: dict[str, Table], descriptor: Descriptor) -> Iterator[Fault]:
    """Validate the tables as anyone would validate the published package; at most one fault a cell."""
    from frictionless import validate  # a third of a second: not before it is needed

    with tempfile.TemporaryDirectory() as folder:
        write_tables(tables, Path(folder))
        path = Path(folder, "datapackage.json")
        path.write_text(json.dumps(flat_descriptor(descriptor.data)), encoding="utf-8")
        report = validate(str(path))
        for task in report.tasks:
            for error in task.errors:
                yield _fault(error, tables.get(task.name))
        for error in report.errors:
            yield _fault(error, None)


def flat_descriptor(data: dict) -> dict:
    """The descriptor as it stands beside its CSV files: every path is the file's name alone."""
    flat = copy.deepcopy(data)
    for resource in flat["resources"]:
        resource["path"] = f"{resource['name']}.csv"
    return flat


def _fault(error, table: Table | None) -> Fault:
    """A finding at its line; one that belongs to no row stands against the descriptor."""
    row = getattr(error, "row_number", None)
    if table is None or row is None or not 2 <= row <= len(table.rows) + 1:
        name = table.name if table else "the package"
        fault = Fault.of("contract-descriptor", "datapackage.json", table=name, note=error.note)
        return replace(fault, rule=f"contract-{error.type}")
    document, path = table.origins[row - 2]
    names = [n for n in (getattr(error, "field_name", None), *(getattr(error, "field_names", None) or [])) if n]
    place = next(((*path, name) for name in names if (*path, name) in document.places), path)
    cells = ", ".join(f"{name} {shown(table.rows[row - 2].get(name) or '')}" for name in names) or "this row"
    advice = _HELP.get(error.type, "Compare with the field's description in the data dictionary.")
    fault = document.fault(
        place, "contract", table=table.name, cells=cells, note=" ".join(error.note.split()), advice=advice
    )
    return replace(fault, rule=f"contract-{error.type}")


def unique_key_faults(tables: dict[str, Table], descriptor: Descriptor) -> Iterator[Fault]:
    """What Frictionless leaves unchecked: the contract's uniqueKeys."""
    for name, table in tables.items():
        for key in descriptor.tables[name]["schema"].get("uniqueKeys", []):
            seen: dict[tuple, int] = {}
            for i, row in enumerate(table.rows):
                value = tuple(row[k] for k in key)
                if seen.setdefault(value, i) != i and None not in value:
                    document, path = table.origins[i]
                    values = {"table": name, "key": ", ".join(key), "value": shown(", ".join(map(str, value)))}
                    yield document.fault(path, "contract-unique-key", **values)


def evidence_faults(tables: dict[str, Table]) -> Iterator[Fault]:
    """What a foreign key cannot say, since evidence belongs to a claim or to a finding: that the one is there."""
    known = {(r["record_id"], r["claim_id"]) for r in tables["claims"].rows}
    known |= {(r["record_id"], r["finding_id"]) for r in tables["survey_findings"].rows}
    for row, (document, path) in zip(tables["evidence"].rows, tables["evidence"].origins, strict=True):
        if (row["record_id"], row["claim_id"]) not in known:
            yield document.fault(path, "contract-evidence", id=row["claim_id"])
