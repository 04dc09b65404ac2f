"""Type the text of a record or register by its fields in the contract: numbers, dates, periods, ids.

Everything is read as text first, so that `no`, `12:30` or `0123` never turn into something else; here each
text becomes the value that its field promises, or a fault.
"""

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import urlsplit

from . import words
from .descriptor import Descriptor, Shape
from .faults import Fault, shown, suggestion
from .read import MAX_FAULTS, Dataset, Document

_NUMBER = re.compile(r"-?(?=[\d.]{1,16}\Z)\d{1,15}(\.\d{1,6})?", re.ASCII)  # 15 digits: exact in every format
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_YEAR = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_FORMULA = re.compile(  # what a spreadsheet takes for one; “-£5m a year” it cannot
    r"[=@＝＠＋－]|[-+](?! ?£?[.]?[0-9][0-9.,]*[^-+*/^&=<>|!(:]*\Z)"
)


class WrongValue(ValueError):
    """A text that is not what its field promises: (expected, fix)."""


# --- dates and periods -------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def partial_span(text: str) -> tuple[date, date]:
    """First and last day of a date known to the day, month or year. Raises WrongValue."""
    match = _PARTIAL.fullmatch(text)
    fix = "Write the day if it is known, else the month (2025-03), else the year."
    if not match:
        raise WrongValue("a date such as 2025-03-12, 2025-03 or 2025", fix)
    year, month, day = (int(part) if part else None for part in match.groups())
    if not 1948 <= year <= 2100:
        raise WrongValue("a year from 1948 to 2100", fix)
    if month and not 1 <= month <= 12:
        raise WrongValue("a month from 01 to 12", fix)
    if day and not 1 <= day <= monthrange(year, month)[1]:
        raise WrongValue(f"a day that {year}-{month:02} has", fix)
    first = date(year, month or 1, day or 1)
    last_month = month or 12
    return first, date(year, last_month, day or monthrange(year, last_month)[1])


def is_financial_year(text: str) -> bool:
    """Whether a text is a financial year (2024-25) and not a month (2024-12)."""
    match = _YEAR.fullmatch(text)
    return bool(match) and 1948 <= int(match[1]) <= 2100 and (int(match[1]) + 1) % 100 == int(match[2])


_PERIOD_HELP = (
    "a financial year (2024-25), “2024-25 to 2026-27”, “by 2025-12-31”, “from 2025-04” or “2025-04 to 2025-12”",
    "A financial year runs from April to March: 2024-25.",
)


@lru_cache(maxsize=4096)
def period_span(text: str) -> tuple[date | None, date | None]:
    """First and last day of a period; None where it is open. Raises WrongValue.

    2024-25 | 2024-25 to 2026-27 | by DATE | from DATE | DATE to DATE, where DATE is a day or a month, or a year
    after by and from.
    """
    first, _, last = text.partition(" to ")
    if text.startswith(("by ", "from ")):
        word, _, day = text.partition(" ")
        span = partial_span(day)
        return (None, span[1]) if word == "by" else (span[0], None)
    if is_financial_year(first) and is_financial_year(last or first):
        start, end = date(int(first[:4]), 4, 1), date(int((last or first)[:4]) + 1, 3, 31)
    elif last:
        start, end = partial_span(first)[0], partial_span(last)[1]
    else:
        raise WrongValue(*_PERIOD_HELP)
    if start > end:
        raise WrongValue("a period that begins before it ends", "Swap the two ends.")
    return start, end


# --- one value ---------------------------------------------------------------------------------------------


def number(text: str) -> Decimal:
    """A plain decimal number. Raises WrongValue."""
    if not _NUMBER.fullmatch(text):
        meant = [reading.value for reading in words.readings(text) if reading.value is not None]
        fix = f"Write {meant[0]:f}." if len(meant) == 1 else "Write every digit: £4.5bn is 4500000000."
        raise WrongValue("a number in plain digits", fix)
    return Decimal(text) + 0  # never -0


_FORMS = {  # type → the form of its text, what is expected, how to mend it
    "integer": (r"-?[0-9]{1,15}", "a whole number in plain digits", "Write digits only."),
    "boolean": ("true|false", "true or false", "Write true or false."),
    "date": (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "a day such as 2026-11-21",
        "Write year, month and day; leave the line out when unknown.",
    ),
}
_VALUES = {"number": number, "integer": int, "boolean": "true".__eq__}
_PATTERN_HELP = (  # a pattern of the contract, in words
    (r"(by|from)", *_PERIOD_HELP),
    ("https?", "an address that begins with https://", "Copy the address from the browser."),
    ("[a-z0-9]+(-", "lower-case letters, digits and single hyphens", "Write for example late-april."),
)


def typed(text: str, field: dict, vocabulary: dict[str, str] | None = None, register: str = "") -> object:
    """The value of a text under a field of the contract. Raises WrongValue.

    vocabulary: the ids that the field may take, each with its name, where the field refers to a register, so called.
    """
    constraints, kind = field.get("constraints", {}), field["type"]
    if kind in _FORMS and not re.fullmatch(_FORMS[kind][0], text):
        raise WrongValue(*_FORMS[kind][1:])
    if kind == "date":
        partial_span(text)
    value = _VALUES.get(kind, str)(text)
    if vocabulary is not None and text not in vocabulary:
        known = f"one of {', '.join(vocabulary)}" if len(vocabulary) <= 12 else f"an id from {register}"
        raise WrongValue(known, suggestion(text, vocabulary, f"Look the id up in {register}."))
    allowed = constraints.get("enum", [text])
    if text not in allowed:
        raise WrongValue(f"one of {', '.join(allowed)}", suggestion(text, allowed, "Choose one of these."))
    if not constraints.get("minimum", value) <= value <= constraints.get("maximum", value):
        low, high = (constraints.get(end, "…") for end in ("minimum", "maximum"))
        raise WrongValue(f"a number from {low} to {high}", "Check the figure at its source.")
    limit = constraints.get("maxLength", len(text))
    if len(text) > limit:
        raise WrongValue(f"at most {limit} characters", f"Shorten it by {len(text) - limit}.")
    if "pattern" in constraints:
        _match(text, constraints["pattern"])
    return value


def _match(text: str, pattern: str) -> None:
    """Check a text against a pattern of the contract, with dates and periods told apart for their messages."""
    if pattern.startswith(r"\d{4}-\d{2}|"):
        period_span(text)
    elif pattern.startswith(r"\d{4}("):
        partial_span(text)
    if not re.fullmatch(pattern, text, re.ASCII) or ("https?" in pattern and not _has_host(text)):
        otherwise = pattern, f"a value of the form {pattern}", "Compare with another record."
        raise WrongValue(*next(help[1:] for help in (*_PATTERN_HELP, otherwise) if help[0] in pattern))


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


# --- a whole document --------------------------------------------------------------------------------------


class Typer:
    """Types documents of one dataset, one after another; knows every vocabulary."""

    def __init__(self, descriptor: Descriptor, dataset: Dataset):
        self.descriptor, self.dataset = descriptor, dataset
        self._vocabularies: dict[tuple, dict[str, str]] = {}
        self._record_ids = dataset.record_ids()
        self._document: Document  # the one being typed
        self._faults: list[Fault]  # found in it

    def vocabulary(self, shape: Shape) -> tuple[dict[str, str] | None, str]:
        """The ids that a field may take, each with its name, and where they stand; None for a field without."""
        name = shape.field["name"]
        if shape.table == "record_links" or name == "replaced_by":
            return self._record_ids, "the records in data/"
        reference = self.descriptor.vocabulary_of(shape.table, name)
        if reference is None:
            return None, ""
        if reference not in self._vocabularies:
            self._vocabularies[reference] = self.dataset.ids(*reference)
        return self._vocabularies[reference], f"data/{reference[0]}.csv"

    def record(self, document: Document, faults: list[Fault]) -> dict | None:
        """The record's data typed, or None with every fault of its shape and values."""
        self._document, self._faults = document, []
        shape = self.descriptor.shapes["survey" if document.kind == "survey" else "record"]
        data = self._value(document.data, shape, ())
        faults += self._faults
        return None if self._faults else data

    def register(self, document: Document, faults: list[Fault]) -> list[dict]:
        """The register's rows typed; a faulty cell has its fault and is None, or as it stands where it is a text."""
        self._document, self._faults = document, []
        fields = self.descriptor.fields(document.id)
        rows = [
            {f["name"]: self._cell(row[f["name"]], f, (index, f["name"])) for f in fields}
            for index, row in enumerate(document.data["rows"])
        ]
        faults += self._faults
        return rows

    def _fault(self, path: tuple, rule: str, /, **values: object) -> None:
        self._faults.append(self._document.fault(path, rule, **values))

    @property
    def _full(self) -> bool:
        """Whether enough faults are found: no more of the document is looked at."""
        return len(self._faults) >= MAX_FAULTS

    def _cell(self, text: str, field: dict, path: tuple):
        if text and not self._full:
            value = self._leaf(text, Shape(field=field, table=self._document.id), path)
            return text if value is None and field["type"] == "string" else value
        if not text and field.get("constraints", {}).get("required"):
            self._fault(path, "empty", where=f"under {field['name']}", about=field["description"])
        return None

    def _value(self, value, shape: Shape, path: tuple):
        """A value typed by its shape; None with a fault where it is not what the shape wants."""
        if self._full:
            return None
        if shape.keys is not None and isinstance(value, dict):
            return self._mapping(value, shape, path)
        if shape.items is not None and isinstance(value, list) and value:
            return [self._value(item, shape.items, (*path, i)) for i, item in enumerate(value)]
        if shape.field is not None and isinstance(value, str) and value:
            return self._leaf(value, shape, path)
        if shape.keys is not None:
            return self._fault(path, "not-a-group", what=_found(value), keys=", ".join(shape.keys))
        if shape.items is not None:
            return self._fault(path, "not-a-list", what=_found(value))
        about = shape.field["description"]
        if value == "":
            return self._fault(path, "empty", where=f"after “{path[-1]}:”", about=about)
        return self._fault(path, "not-a-value", what=_found(value), about=about, key=path[-1])

    def _mapping(self, value: dict, shape: Shape, path: tuple) -> dict:
        where = path[-2] if path and isinstance(path[-1], int) else path[-1] if path else "the record"
        unknown = [key for key in value if key not in shape.keys][:MAX_FAULTS]
        for key in unknown:
            hint = suggestion(key, list(shape.keys), f"The keys here are: {', '.join(shape.keys)}.")
            self._fault((*path, key, ""), "unknown-key", key=shown(key), where=where, suggestion=hint)
        for key, below in shape.keys.items():
            if below.need != "required" or key in value:
                continue
            if get_close_matches(key, unknown, n=1, cutoff=0.6):  # misspelt: then one message says it
                continue
            about = below.field["description"] if below.field else f"at least one of {key}"
            self._fault(path, "missing-key", key=key, where=where, about=about)
        known = ((key, item) for key, item in value.items() if key in shape.keys)
        return {key: self._value(item, shape.keys[key], (*path, key)) for key, item in known}

    def _leaf(self, text: str, shape: Shape, path: tuple):
        key = path[-1] if isinstance(path[-1], str) else path[-2]
        try:
            value = typed(text, shape.field, *self.vocabulary(shape))
        except WrongValue as wrong:
            wanted, advice = wrong.args
            return self._fault(path, "wrong-value", key=key, value=shown(text), wanted=wanted, advice=advice)
        if value is text and _FORMULA.match(text):
            return self._fault(path, "formula", key=key, value=shown(text))
        return value


def _found(value) -> str:
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return f"the value {shown(value)}" if value else "nothing"
