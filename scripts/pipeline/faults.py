"""One fault in the data: where it is, what was found, what was expected, how to mend it.

What each rule says, and why it is there, stands in messages.csv.
"""

import csv
import json
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path

with Path(__file__).with_name("messages.csv").open(encoding="utf-8", newline="") as _handle:
    MESSAGES = {row["rule"]: row for row in csv.DictReader(_handle)}


@dataclass(frozen=True, order=True)
class Fault:
    """A fault at one place; line and column count from 1, severity is error or warning."""

    file: str
    line: int
    column: int
    rule: str
    found: str
    expected: str
    fix: str
    severity: str = "error"

    @classmethod
    def of(cls, rule: str, file: str, line: int = 1, column: int = 1, /, **values: object) -> "Fault":
        """A fault of a rule, its message filled with values. Raises KeyError for a rule or value that is not there."""
        texts = MESSAGES[rule]
        return cls(file, line, column, rule, *(texts[part].format(**values) for part in ("found", "expected", "fix")))

    @property
    def message(self) -> str:
        return f"{self.found}; expected {self.expected.removesuffix('.')}. {self.fix}"


def as_text(fault: Fault) -> str:
    word = "" if fault.severity == "error" else f"{fault.severity}: "
    return f"{fault.file}:{fault.line}:{fault.column}: {word}{fault.message} [{fault.rule}]"


def as_json(fault: Fault) -> str:
    return json.dumps(asdict(fault) | {"message": fault.message}, ensure_ascii=False)


def as_github(fault: Fault) -> str:
    """A workflow command that GitHub shows beside the line of the pull request."""

    def escape(text: str, more: str = "") -> str:
        for character in "%\r\n" + more:
            text = text.replace(character, f"%{ord(character):02X}")
        return text

    place = f"file={escape(fault.file, ':,')},line={fault.line},col={fault.column}"
    return f"::{fault.severity} {place},title={fault.rule}::{escape(fault.message)}"


def slips() -> list[dict[str, str]]:
    """Wrong examples, which a test plants and the Rules page shows: rule, file, old, new, place, message.

    In the real record `file`, `old` becomes `new`; the message then stands at a line that holds `place`.
    """
    with Path(__file__).with_name("slips.csv").open(encoding="utf-8", newline="") as handle:
        return [{k: v.replace("\\n", "\n") for k, v in row.items()} for row in csv.DictReader(handle)]


def newer_rules(faults: list[Fault], data: Path) -> str:
    """Which broken rules came after the release that a data folder is of, by the descriptor beside it."""
    try:
        version = json.loads((data.parent / "datapackage.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    since = {fault.rule: MESSAGES.get(fault.rule, MESSAGES["contract"])["since"] for fault in faults}
    return ", ".join(f"{rule} (since {v})" for rule, v in since.items() if numbers(v) > numbers(version))


def numbers(version: str) -> tuple[int, ...]:
    """A version for comparison: 0.10.0 is above 0.9.0. Raises ValueError."""
    return tuple(int(part) for part in version.split("."))


FORMATS = {"text": as_text, "json": as_json, "github": as_github}


def printable(text: str) -> str:
    """A text on one line, with what cannot be printed as an escape."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def shown(value: object, limit: int = 80) -> str:
    """A found value for a message: quoted, on one line, cut to a readable length."""
    text = printable(str(value)[: limit + 1])
    return f"“{text[:limit]}…”" if len(text) > limit else f"“{text}”"


def suggestion(found: str, known: dict[str, str] | list[str], otherwise: str) -> str:
    """How to mend an unknown word: the up to three nearest known ones, or the advice otherwise.

    known may map each word to a name; then names are compared too and shown beside the word.
    """
    names = known if isinstance(known, dict) else dict.fromkeys(known, "")
    by_lower = {}
    for word, name in names.items():
        by_lower.setdefault(word.lower(), word)
        by_lower.setdefault(name.lower(), word)
    by_lower.pop("", None)
    near = get_close_matches(found.lower()[:100], by_lower, n=3, cutoff=0.6)
    words = list(dict.fromkeys(by_lower[n] for n in near))
    if not words:
        return otherwise
    labels = [f"{w} ({names[w]})" if names[w] else w for w in words]
    return f"Did you mean {' or '.join(labels)}?"
