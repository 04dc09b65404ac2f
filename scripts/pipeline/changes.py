"""What changed between two releases, row by row, and whether the world moved or an error was mended."""

from collections.abc import Iterator
from dataclasses import dataclass

from .descriptor import REGISTERS, Descriptor

Tables = dict[str, list[dict[str, str]]]  # as CSV gives them: rows of text by table
STATEMENTS = {"claims": "claim_id", "survey_findings": "finding_id"}
CORRECTIONS = ("source_correction", "our_correction", "withdrawn")
PROSE = {"title", "summary", "notes", "note", "locator", "archived", "accessed", "seen_at", "review", "said_by"}


@dataclass(frozen=True)
class Change:
    """One changed cell, or one row or column added or removed (then column, before, after are empty as need be)."""

    table: str
    key: str  # the row's primary key, its parts joined by spaces; empty where a whole table or column is meant
    change: str  # added, removed, changed
    why: str  # new, revision, correction, editorial or computed: openapi.yml says what each is
    column: str = ""
    before: str = ""
    after: str = ""

    @property
    def record(self) -> str:
        """The record that the row belongs to, where its key begins with one."""
        return self.key.partition(" ")[0]


def differences(before: Tables, after: Tables, descriptor: Descriptor) -> list[Change]:
    """Every difference, in the contract's order of tables, then of keys. The descriptor is the later release's."""
    found: list[Change] = []
    for name in dict.fromkeys([*descriptor.tables, *before, *after]):
        if (name in before) != (name in after):
            found.append(Change(name, "", "added" if name in after else "removed", "computed"))
        if name in after and name in descriptor.tables:
            found += _rows(name, before, after, descriptor)
        elif name in before and name not in after:
            found += _columns(name, before[name], [])
    return found


def _rows(name: str, before: Tables, after: Tables, descriptor: Descriptor) -> Iterator[Change]:
    old_rows, new_rows = before.get(name, []), after[name]
    if old_rows and new_rows:
        yield from _columns(name, old_rows, new_rows)
    key = descriptor.tables[name]["schema"]["primaryKey"]
    old, new = ({" ".join(row.get(k, "") for k in key): row for row in rows} for rows in (old_rows, new_rows))
    typed = {field["name"] for field in descriptor.fields(name) if field.get("entered") or name in REGISTERS}
    known = {row["record_id"] for row in before.get("records", [])}
    for id in sorted(old.keys() | new.keys()):
        if id not in old:
            yield Change(name, id, "added", _why_added(name, new[id], known))
        elif id not in new:
            yield Change(name, id, "removed", "correction" if name == "evidence" else "computed")
        else:
            for column, cell in new[id].items():
                known_cell = old[id].get(column, cell)
                if cell != known_cell:
                    why = _why_changed(name, column, known_cell) if column in typed else "computed"
                    yield Change(name, id, "changed", why, column, known_cell, cell)


def _columns(name: str, old: list[dict], new: list[dict]) -> Iterator[Change]:
    before, after = (list(rows[0]) if rows else [] for rows in (old, new))
    yield from (Change(name, "", "removed", "computed", column) for column in before if column not in after)
    yield from (Change(name, "", "added", "computed", column) for column in after if column not in before)


def _why_added(name: str, row: dict, known: set[str]) -> str:
    if name in STATEMENTS and row["record_id"] in known:
        return "correction" if row.get("because") in CORRECTIONS else "revision"
    return "new" if name in (*STATEMENTS, "records") else "computed"


def _why_changed(name: str, column: str, before: str) -> str:
    """A claim is what was said, so that to change one mends an error; what stood empty is added to."""
    return "editorial" if name in REGISTERS or column in PROSE or not before else "correction"


def weight(changes: list[Change]) -> str:
    """Which part of the version rises: major, minor or patch; the empty text where nothing changed.

    A table, column or id removed is major, one added minor, a value changed patch.
    """
    ids = {"records", *STATEMENTS}
    if any(c.change == "removed" and (not c.key or c.table in ids) for c in changes):
        return "major"
    if any(c.change == "added" for c in changes):
        return "minor"
    return "patch" if changes else ""


def raised(version: str, part: str) -> str:
    """The version after the one given: raised("0.1.2", "minor") is 0.2.0."""
    numbers, place = [int(number) for number in version.split(".")], ("major", "minor", "patch").index(part)
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1, 0, 0][:3]))
