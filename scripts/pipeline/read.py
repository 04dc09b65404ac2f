"""Read records (YAML) and registers (CSV): every value as text, with the line and column where it stands."""

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .descriptor import FOLDERS, REGISTERS, ROOT
from .faults import Fault, shown

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
Path_ = tuple  # a place inside a document: ("claims", 0, "value"); in a register: (row, column)

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064"
    "\u2066-\u206f\u3000\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]")
_STEM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_YAML_HELP = (  # what libyaml says → what to do about it
    ("mapping values are not allowed", "Put a value that holds a colon and a space in \"double quotes\"."),
    ("found character '\\t'", "Indent with spaces, not with the tab key."),
    ("cannot start any token", "Put a value that begins with a special character in \"double quotes\"."),
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
    places: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    id: str = ""
    kind: str = ""

    def place(self, path: Path_) -> tuple[int, int]:
        """Line and column of a path, or of the nearest thing around it that is there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def fault(self, path: Path_, rule: str, found: str, expected: str, fix: str, severity="error") -> Fault:
        return Fault(self.file, *self.place(path), rule, found, expected, fix, severity)


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
        return dict.fromkeys(self.broken, "") | {id: title if isinstance(title, str) else "" for id, title in titles.items()}


def read_dataset(folder: Path, faults: list[Fault], columns: dict[str, list[str]]) -> Dataset:
    """Read a data folder whole. A register that the folder lacks is taken from the project's own."""
    dataset = Dataset(folder)
    for name in REGISTERS:
        path = folder / f"{name}.csv"
        path = path if path.is_file() else ROOT / "data" / f"{name}.csv"
        dataset.registers[name] = read_register(path, columns[name], faults)
    for path in _record_files(folder, faults):
        document = read_record(path, faults)
        if document is None:
            dataset.broken.add(path.stem)
            continue
        twin = dataset.records.setdefault(document.id, document)
        if twin is not document:
            faults.append(document.fault((), "id-twice", f"the id {shown(document.id)} is taken by {twin.file}",
                                         "an id of its own for every record", "Rename this file."))
    return dataset


def shown_path(path: Path) -> str:
    """A path as messages show it: relative to the project where it is inside, with forward slashes."""
    path = path.absolute()
    return (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).as_posix()


def _record_files(folder: Path, faults: list[Fault]) -> list[Path]:
    """Every record file in order; anything else in the records' folders is a fault, so that none is overlooked."""
    records = []
    for name in FOLDERS:
        for path in sorted((folder / name).glob("**/*")):
            if path.is_dir() or path.name == ".gitkeep":
                continue
            if path.suffix == ".yml" and path.parent == folder / name and _STEM.fullmatch(path.stem):
                records.append(path)
            else:
                faults.append(Fault(shown_path(path), 1, 1, "file-name", f"the file name {shown(path.name)}",
                                    f"a file directly in data/{name}/ named like raj-2024-25-wte.yml",
                                    "Use lower-case letters, digits and single hyphens, and the ending .yml."))
    return records


def read_text(path: Path, faults: list[Fault], limit: int = MAX_BYTES) -> str | None:
    """A file's text, or None with a fault: too large, not UTF-8, or with characters that cannot be seen."""
    file = shown_path(path)

    def refuse(line, column, rule, found, expected, fix):
        faults.append(Fault(file, line, column, rule, found, expected, fix))

    try:
        with path.open("rb") as handle:
            raw = handle.read(limit + 1)
    except OSError as error:
        return refuse(1, 1, "file-unreadable", f"the file cannot be read ({error.strerror})", "a readable file",
                      "Check that the file exists and is an ordinary file.")
    if len(raw) > limit:
        return refuse(1, 1, "file-too-large", f"more than {limit // 1024} kB", f"at most {limit // 1024} kB",
                      "One record is a page or two: move other matter out of the file.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        return refuse(line, column, "not-utf-8", f"the byte 0x{raw[error.start]:02X} is not UTF-8",
                      "a file saved as UTF-8", "Save the file again with the encoding UTF-8.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    hidden = _INVISIBLE.search(text)
    if hidden:
        at = hidden.start()
        name = unicodedata.name(hidden.group(), f"U+{ord(hidden.group()):04X}").lower()
        return refuse(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), "invisible-character",
                      f"a character that cannot be seen ({name})", "only letters, signs and ordinary spaces",
                      "Delete it and type an ordinary space if one is needed.")
    return text


def read_record(path: Path, faults: list[Fault]) -> Document | None:
    """One record file, or None where the file cannot be read as a record at all."""
    text = read_text(path, faults)
    if text is None:
        return None
    document = Document(shown_path(path), {}, {}, path.stem, FOLDERS[path.parent.name])
    try:
        document.data = _tree(text, document)
    except _Refused as refused:
        faults.append(refused.args[0])
        return None
    except yaml.YAMLError as error:
        faults.append(_yaml_fault(document.file, error))
        return None
    return document


class _Refused(Exception):
    """Something that YAML allows and a record does not; carries the fault."""


def _yaml_fault(file: str, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    fix = next((advice for sign, advice in _YAML_HELP if sign in problem),
               "Compare the line with the same line of another record.")
    return Fault(file, line, column, "yaml", f"the file breaks off here ({problem})", "a well-formed YAML file", fix)


def _tree(text: str, document: Document) -> dict:
    """Build mappings, lists and text from YAML events, without recursion, noting each place."""
    stack: list[_Open] = []
    root = None

    def refuse(mark, rule, found, expected, fix):
        raise _Refused(Fault(document.file, mark.line + 1, mark.column + 1, rule, found, expected, fix))

    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark = event.start_mark
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            refuse(mark, "yaml-documents", "a second document after “---”", "one record in a file",
                   "Remove the line “---” and put the second record into a file of its own.")
        if getattr(event, "anchor", None):
            refuse(mark, "yaml-anchor", f"an anchor or alias ({shown(event.anchor)})", "plain values",
                   "Write the value out; put it in \"double quotes\" if it begins with & or *.")
        if getattr(event, "tag", None):
            refuse(mark, "yaml-tag", f"a tag ({shown(event.tag)})", "plain values",
                   "Remove the tag; put the value in \"double quotes\" if it begins with “!”.")
        if isinstance(event, yaml.CollectionStartEvent):
            if len(stack) >= MAX_DEPTH:
                refuse(mark, "yaml-depth", f"more than {MAX_DEPTH} levels of nesting", "the shape of a record",
                       "Compare with another record: claims hold sources, and nothing lies deeper.")
            if stack and stack[-1].is_mapping and stack[-1].key is None:
                refuse(mark, "yaml-key", "a list or mapping in place of a key", "a plain word as key",
                       "Write “key: value”.")
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
            path = stack[-1].next_path() if stack else ()
            document.places.setdefault(path, (mark.line + 1, mark.column + 1))
            if stack:
                stack[-1].add(value)
            else:
                root = value
            stack.append(_Open(value, path))
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.ScalarEvent):
            place = (mark.line + 1, mark.column + 1)
            if not stack:
                refuse(mark, "yaml-shape", f"the text {shown(event.value)}", "lines of “key: value”",
                       "Begin with “title: …”, and see CONTRIBUTING for a whole record.")
            here = stack[-1]
            if here.is_mapping and here.key is None:
                if event.value in here.value:
                    refuse(mark, "key-twice", f"the key {shown(event.value)} a second time", "each key once",
                           "Remove or rename one of the two.")
                here.key = event.value
                document.places[here.path + (event.value, "")] = place  # the key itself, beside its value
            else:
                document.places[here.next_path()] = place
                here.add(event.value.strip())
    if not isinstance(root, dict):
        raise _Refused(Fault(document.file, 1, 1, "yaml-shape", "an empty file" if root is None else "a list",
                             "lines of “key: value”", "Begin with “title: …”, and see CONTRIBUTING."))
    return root


class _Open:
    """A mapping or list being filled."""

    def __init__(self, value, path):
        self.value, self.path, self.key = value, path, None
        self.is_mapping = isinstance(value, dict)

    def next_path(self) -> Path_:
        return self.path + ((self.key if self.is_mapping else len(self.value)),)

    def add(self, value) -> None:
        if self.is_mapping:
            self.value[self.key] = value
            self.key = None
        else:
            self.value.append(value)


def read_register(path: Path, columns: list[str], faults: list[Fault]) -> Document:
    """A register as a document: `rows` is a list of mappings of text; places are by (row, column name)."""
    document = Document(shown_path(path), {"rows": []}, id=path.stem, kind="register")
    text = read_text(path, faults, limit=4 * 1024 * 1024)
    if text is None:
        return document
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    start = 1
    try:
        for cells in reader:
            if start == 1 and cells != columns:
                faults.append(document.fault((), "register-columns", f"the columns {', '.join(cells)}"[:300],
                                             f"the columns {', '.join(columns)}",
                                             "Restore the first line of the file."))
                return document
            if start > 1:
                _register_row(document, cells, columns, start, faults)
            start = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault(document.file, reader.line_num, 1, "register-csv", f"a broken line ({error})",
                            "comma-separated values", "Look for a quotation mark without its partner."))
    return document


def _register_row(document: Document, cells: list[str], columns: list[str], line: int, faults: list[Fault]) -> None:
    row = len(document.data["rows"])
    if len(cells) != len(columns):
        document.places[row,] = (line, 1)
        faults.append(document.fault((row,), "register-cells", f"{len(cells)} cells", f"{len(columns)} cells",
                                     "Put a cell that holds a comma in \"double quotes\"; count the commas."))
        return
    column = 1
    document.places[row,] = (line, 1)
    for name, cell in zip(columns, cells, strict=True):
        document.places[row, name] = (line, column)
        column += len(cell) + 1 + (2 + cell.count('"') if re.search(r'[",\n]', cell) else 0)
    document.data["rows"].append({name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
