"""The contributor's check: read everything, type it, apply every rule, compile, and hold it to the contract."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .compile import Table, compile_tables
from .contract import contract_faults, evidence_faults, unique_key_faults
from .counting import breakdown_faults
from .descriptor import REGISTERS, Descriptor
from .faults import Fault, shown
from .read import read_dataset, shown_path
from .rules import REGISTER_RULES, Model, Record, check_records, nothing_disappears
from .tables import read_rows
from .values import Typer


@dataclass
class Checked:
    """What a check found: the typed model of all that is sound, its tables, and every fault."""

    model: Model
    tables: dict[str, Table]
    faults: list[Fault]

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.severity == "error"]


def check(folder: Path, descriptor: Descriptor, as_of: date | None = None) -> Checked:
    """Check a data folder whole. as_of: the day that statuses refer to; by default that of the last release.

    Sums and the contract are tried only on a model that keeps the rules, for one slip would come back as many findings.
    """
    faults: list[Fault] = []
    dataset = read_dataset(folder, faults, {name: descriptor.columns(name) for name in REGISTERS})
    typer = Typer(descriptor, dataset)
    model = Model(registers={name: typer.register(dataset.registers[name], faults) for name in REGISTERS})
    for document in dataset.records.values():
        data = typer.record(document, faults)
        if data is not None:
            model.records[document.id] = Record(document, data)
    for register, rule in REGISTER_RULES.items():
        faults += rule(model, dataset.registers[register])
    faults += check_records(model)
    known = set(dataset.record_ids())
    faults += nothing_disappears(model, _released(folder, faults), shown_path(folder / "tables"), known)
    tables: dict[str, Table] = {}
    if not faults:
        faults += breakdown_faults(model)
    if not any(fault.severity == "error" for fault in faults):
        tables = compile_tables(model, dataset.registers, descriptor, as_of or released_on(descriptor))
        faults += contract_faults(tables, descriptor)
        faults += unique_key_faults(tables, descriptor)
        faults += evidence_faults(tables)
    return Checked(model, tables, sorted(dict.fromkeys(faults)))


def released_on(descriptor: Descriptor) -> date:
    """The day of the last release: the descriptor's `created`."""
    return date.fromisoformat(descriptor.data["created"][:10])


def _released(folder: Path, faults: list[Fault]) -> dict[str, list[dict]]:
    """The last release's rows that hold ids; nothing where the folder holds no release."""
    tables = {}
    for name in ("records", "claims", "survey_findings"):
        path = folder / "tables" / f"{name}.csv"
        if path.is_file():
            try:
                tables[name] = read_rows(path)
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                faults.append(Fault.of("file-unreadable", shown_path(path), reason=shown(error)))
    return tables
