"""Read records (YAML) and registers (CSV): every value as text, with the line and column where it stands."""

import csv
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .descriptor import FOLDERS, LOGS, REGISTERS, ROOT
from .faults import Fault, printable, shown

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_FAULTS = 100  # of a file: more are no help
Path_ = tuple  # a place inside a document: ("claims", 0, "value"); in a register: (row, column)

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U000e0000-\U0010ffff]"
)
_STEM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_YAML_HELP = (  # what libyaml says → what to do about it
    ("mapping values are not allowed", 'Put a value that holds a colon and a space in "double quotes".'),
    ("found character '\\t'", "Indent with spaces, not with the tab key."),
    ("cannot start any token", 'Put a value that begins with a special character in "double quotes".'),
    ("could not find expected ':'", "Each line inside a record is “key: value”; is a colon or its space missing?"),
    ("did not find expected key", "Check the indentation and the quotes of this line and of the one before it."),
    ("did not find expected '-'", "Check the indentation: items of one list begin in the same column."),
    ("found unexpected end of stream", "A quotation mark or bracket is opened and never closed."),
)


@dataclass
class Document:
    """One file as read: `data` holds only mappings, lists and text; `places` gives line and column of each."""

    file: str
    data: dict
    noted: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    id: str = ""
    kind: str = ""
    text: str = ""  # of a record

    @property
    def places(self) -> dict[Path_, tuple[int, int]]:
        """Where each value stands and, under (*path, ""), its key; looked up when first asked for, as few files are."""
        if self.text and not self.noted:
            self.noted.update(_places(yaml.compose(self.text, yaml.CSafeLoader), ()))
        return self.noted

    def place(self, path: Path_) -> tuple[int, int]:
        """Line and column of a path, or of the nearest thing around it that is there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def fault(self, path: Path_, rule: str, /, **values: object) -> Fault:
        line, column = self.place(path)
        return Fault.of(rule, self.file, line, column, **values)


@dataclass
class Dataset:
    """Everything read from a data folder: records by id, registers by name; the ids of files that could not be read."""

    folder: Path
    records: dict[str, Document] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    registers: dict[str, Document] = field(default_factory=dict)

    def ids(self, register: str, column: str, label: str = "name") -> dict[str, str]:
        """The ids of a register, each with its name."""
        return {row.get(column, ""): row.get(label, "") for row in self.registers[register].data["rows"]}

    def record_ids(self) -> dict[str, str]:
        """Every record's id with its title, files that could not be read included, for links to them are no faults."""
        titles = {id: document.data.get("title", "") for id, document in self.records.items()}
        return dict.fromkeys(self.broken, "") | {
            id: title if isinstance(title, str) else "" for id, title in titles.items()
        }


def read_dataset(folder: Path, faults: list[Fault], columns: dict[str, list[str]]) -> Dataset:
    """Read a data folder whole. A register that the folder lacks is taken from the project's own; a log is empty."""
    dataset = Dataset(folder)
    for name in REGISTERS:
        path = folder / f"{name}.csv"
        if not os.path.lexists(path) and name in LOGS:
            dataset.registers[name] = Document(shown_path(path), {"rows": []}, id=name, kind="register")
            continue
        path = path if os.path.lexists(path) else ROOT / "data" / f"{name}.csv"
        dataset.registers[name] = read_register(path, columns[name], faults)
    for path in _record_files(folder, faults):
        document = read_record(path, faults)
        if document is None:
            dataset.broken.add(path.stem)
            continue
        twin = dataset.records.setdefault(document.id, document)
        if twin is not document:
            faults.append(document.fault((), "id-twice", id=shown(document.id), file=twin.file))
    return dataset


def shown_path(path: Path) -> str:
    """A path as messages show it: relative to the project where it is inside, with forward slashes, on one line."""
    path = path.absolute()
    return printable((path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).as_posix())


def _record_files(folder: Path, faults: list[Fault]) -> list[Path]:
    """Every record file in order; what else lies there, or is YAML elsewhere, is a fault, so none is overlooked."""
    records = []
    for place in sorted(folder.iterdir()):
        for path in sorted((place, *place.glob("**/*"))) if place.name not in FOLDERS else ():
            if path.suffix in (".yml", ".yaml"):
                faults.append(Fault.of("file-name", shown_path(path), name=shown(path.name), folder="|".join(FOLDERS)))
    for name in FOLDERS:
        for path in sorted((folder / name).glob("**/*")):
            if path.name == ".gitkeep" or (path.is_dir() and path.suffix != ".yml" and not path.is_symlink()):
                continue
            if path.suffix == ".yml" and path.parent == folder / name and _STEM.fullmatch(path.stem):
                records.append(path)
            else:
                faults.append(Fault.of("file-name", shown_path(path), name=shown(path.name), folder=name))
    return records


class _Refused(Exception):
    """Why a file cannot be read as what it should be; carries the fault."""


def _read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """A file's text. Raises _Refused where it is too large, not UTF-8, or has characters that cannot be seen."""
    file = shown_path(path)
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "it is no ordinary file")  # a pipe would be waited for
        with path.open("rb") as handle:
            raw = handle.read(limit + 1)
        if len(raw) > limit:
            raise _Refused(Fault.of("file-too-large", file, limit=limit // 1024))
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise _Refused(Fault.of("file-unreadable", file, reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        place = _line_column(raw[: error.start].decode("latin-1"), error.start)
        raise _Refused(Fault.of("not-utf-8", file, *place, byte=raw[error.start])) from error
    hidden = _INVISIBLE.search(text)
    if hidden:
        place = _line_column(text, hidden.start())
        raise _Refused(Fault.of("invisible-character", file, *place, name=_name(hidden.group())))
    return text


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}").lower()


def _line_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def read_record(path: Path, faults: list[Fault]) -> Document | None:
    """One record file, or None where the file cannot be read as a record at all."""
    document = Document(shown_path(path), {}, {}, path.stem, FOLDERS[path.parent.name])
    try:
        document.text = _read_text(path)
        document.data = _tree(document.text, document.file)
    except _Refused as refused:
        faults.append(refused.args[0])
        return None
    except yaml.YAMLError as error:
        faults.append(_yaml_fault(document.file, error))
        return None
    return document


def _yaml_fault(file: str, error: yaml.YAMLError) -> Fault:
    quoted = getattr(error, "context", "") == "while scanning a quoted scalar"  # then the fault is where it opened
    mark = getattr(error, "context_mark" if quoted else "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    otherwise = "Compare the line with the same line of another record."
    advice = next((advice for sign, advice in _YAML_HELP if sign in problem), otherwise)
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Fault.of("yaml", file, *place, problem=problem, advice=advice)


def _tree(text: str, file: str) -> dict:
    """Build mappings, lists and text from YAML events, without recursion. Raises _Refused, yaml.YAMLError."""
    whole = _Open([])
    stack = [whole]
    for event in iter(yaml.CSafeLoader(text).get_event, None):  # after the last there is none
        wrong = _unwanted(event, stack)
        if wrong:
            rule, values = wrong
            raise _Refused(Fault.of(rule, file, *_place(event), **values))
        if isinstance(event, yaml.CollectionStartEvent):
            opened = _Open({} if isinstance(event, yaml.MappingStartEvent) else [])
            stack[-1].add(opened.value)
            stack.append(opened)
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.ScalarEvent):
            stack[-1].add(event.value)
    if not whole.value or not isinstance(whole.value[0], dict):
        what = "a list" if whole.value else "an empty file"
        raise _Refused(Fault.of("yaml-shape", file, what=what))
    return whole.value[0]


def _places(node: yaml.Node, path: Path_) -> Iterator[tuple[Path_, tuple[int, int]]]:
    """Line and column of everything in a record that was read without a fault, so that it is not deep."""
    yield path, _place(node)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value, ""), _place(key)
            yield from _places(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            yield from _places(item, (*path, i))


def _place(at: yaml.Event | yaml.Node) -> tuple[int, int]:
    return at.start_mark.line + 1, at.start_mark.column + 1


def _unwanted(event: yaml.Event, stack: list["_Open"]) -> tuple[str, dict] | None:
    """The rule that an event breaks, with the values of its message: things YAML allows and a record does not."""
    if isinstance(event, yaml.DocumentStartEvent) and stack[0].value:
        return "yaml-documents", {}
    if getattr(event, "anchor", None):
        return "yaml-anchor", {"name": shown(event.anchor)}
    if getattr(event, "tag", None):
        return "yaml-tag", {"name": shown(event.tag)}
    if isinstance(event, yaml.CollectionStartEvent):
        if len(stack) > MAX_DEPTH:
            return "yaml-depth", {"limit": MAX_DEPTH}
        if stack[-1].wants_key:
            return "yaml-key", {}
    if isinstance(event, yaml.ScalarEvent):
        if len(stack) == 1:
            return "yaml-shape", {"what": f"the text {shown(event.value)}"}
        hidden = _INVISIBLE.search(event.value) if event.style == '"' else None  # as an escape: "\\u202e"
        if hidden:
            return "invisible-character", {"name": _name(hidden.group())}
        if stack[-1].wants_key and event.value in stack[-1].value:
            return "key-twice", {"key": shown(event.value)}
    return None


class _Open:
    """A mapping or list being filled."""

    def __init__(self, value: dict | list):
        self.value, self.key = value, None
        self.is_mapping = isinstance(value, dict)

    @property
    def wants_key(self) -> bool:
        return self.is_mapping and self.key is None

    def add(self, value: dict | list | str) -> None:
        """Take in the next value; in a mapping a key and its value by turns."""
        if self.wants_key:
            self.key = value
            return
        value = value.strip() if isinstance(value, str) else value
        if self.is_mapping:
            self.value[self.key], self.key = value, None
        else:
            self.value.append(value)


def read_register(path: Path, columns: list[str], faults: list[Fault]) -> Document:
    """A register as a document: `rows` is a list of mappings of text; places are by (row, column name)."""
    document = Document(shown_path(path), {"rows": []}, id=path.stem, kind="register")
    last, full = 1, len(faults) + MAX_FAULTS
    try:
        reader = csv.reader(_read_text(path, limit=4 * 1024 * 1024).splitlines(keepends=True), strict=True)
        head = next(reader, [])
        if head != columns:
            values = {"columns": shown(", ".join(head), 300), "wanted": ", ".join(columns)}
            faults.append(document.fault((), "register-columns", **values))
            return document
        for cells in reader:
            line, last = last + 1, reader.line_num  # a row's first and last line
            if len(cells) != len(columns):
                values = {"count": len(cells), "wanted": len(columns)}
                faults.append(Fault.of("register-cells", document.file, line, **values))
            else:
                _add_row(document, cells, columns, line, faults)
            if len(faults) >= full:
                break
    except _Refused as refused:
        faults.append(refused.args[0])
    except csv.Error as error:
        faults.append(Fault.of("register-csv", document.file, reader.line_num, problem=error))
    return document


def _add_row(document: Document, cells: list[str], columns: list[str], line: int, faults: list[Fault]) -> None:
    row, column = len(document.data["rows"]), 1
    document.places[row,] = (line, 1)
    for name, cell in zip(columns, cells, strict=True):
        document.places[row, name] = (line, column)
        if "\n" in cell:
            faults.append(document.fault((row, name), "invisible-character", name="line break"))
        column += len(cell) + 1 + (2 + cell.count('"') if re.search(r'[",\n]', cell) else 0)
    texts = (" ".join(cell.splitlines()).strip() for cell in cells)
    document.data["rows"].append(dict(zip(columns, texts, strict=True)))
