"""Words and figures as pages show them, and the Jinja2 environment in which no text of the data is ever markup."""

import json
import re
from calendar import month_name  # English, as no program here sets a locale
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from .values import is_financial_year
from .words import format_number

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
_SPECIAL = str.maketrans({c: f"&#{ord(c)};" for c in "&<>\"'\\`*_{}[]|~^$!#"})
_VERBATIM = _SPECIAL | {ord("\n"): "&#10;"}
_LEADING = re.compile(r"^( ?\d+(?=[.)])| ?)([-+=:.)])")  # would open a list, a rule or a definition


def plain(value: object) -> Markup:
    """Any value as text that is neither HTML nor Markdown: one line, every character with a meaning as an entity."""
    if isinstance(value, Markup):
        return value
    text = re.sub(r"\s+", " ", str("" if value is None else value)).translate(_SPECIAL)
    return Markup(_LEADING.sub(lambda lead: f"{lead[1]}&#{ord(lead[2])};", text))


def verbatim(text: str) -> Markup:
    """A text as it is, lines and spaces included, for an element <pre>; Markdown sees one line without a sign."""
    return Markup(text.translate(_VERBATIM))


def href(url: str | None) -> str:
    """An address of the web as it is, anything else (javascript:, data:, a path) as the empty text."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def day(text: str | date | None) -> str:
    """A date known to the day, month or year in words: 12 March 2025, March 2025, 2025."""
    parts = str(text or "").split("-")
    if len(parts) == 1:
        return parts[0]
    return " ".join([str(int(number)) for number in parts[2:]] + [month_name[int(parts[1])], parts[0]])


def period(text: str | None) -> str:
    """A period in words: 2024-25, by 31 December 2025, April 2025 to December 2025."""
    first, _, last = (text or "").partition(" to ")
    words = (first if first == last else text or "").split(" ")
    return " ".join(word if word in ("by", "from", "to") or is_financial_year(word) else day(word) for word in words)


def amount(value: Decimal, unit: str) -> str:
    """A number that reads back exactly: £4.5bn, £768,000, 37%, 2,300; below zero with a minus sign."""
    return format_number(value, unit).replace("-", "−")


class Figures:
    """Figures in words. units: the register's rows by id; measures likewise; qualifiers likewise."""

    def __init__(self, units: dict[str, dict], measures: dict[str, dict], qualifiers: dict[str, dict]):
        self.units, self.measures, self.qualifiers = units, measures, qualifiers

    def noun(self, unit: str) -> str:
        """What follows a number of the unit: " posts", " WTE", " a head"; nothing for money and shares."""
        if unit in ("GBP", "percent", "words"):
            return ""
        return " a head" if unit == "GBP_per_head" else f" {self.units[unit]['name']}"

    def claim(self, row: dict) -> str:
        """The figure of a claim or finding: about 600 WTE, nearly £6bn, £4.5bn to £5bn; empty where unquantified."""
        numbers = [row[name] for name in ("value", "low", "high") if row[name] is not None]
        if not numbers:
            return ""
        text = " to ".join(amount(number, row["unit"]) for number in numbers) + self.noun(row["unit"])
        words = [self.qualifiers[row["qualifier"]]["prefix"], text, self.below_zero(row) if max(numbers) < 0 else ""]
        return " ".join(filter(None, words))

    def below_zero(self, row: dict) -> str:
        """What a figure below zero is, as the measure says: “a surplus is negative” gives (surplus)."""
        means = self.measures.get(row.get("measure"), {}).get("positive_means") or ""
        found = re.search(r"; (?:an? )?(\w+) is negative", means)
        return f"({found[1]})" if found else ""

    def share(self, row: dict) -> str:
        """The same figure as a share, as the source also gives it: about 10% of posts; empty where it gives none."""
        if row.get("share_percent") is None:
            return ""
        prefix = self.qualifiers[row["share_qualifier"]]["prefix"]
        return " ".join(filter(None, (prefix, amount(row["share_percent"], "percent"), "of", row["share_of"])))

    def interval(self, low: Decimal | None, high: Decimal | None, unit: str, about: bool = False) -> str:
        """A total: one figure (about where a part is), a range, or one that is open on a side."""
        first, last = (None if n is None else amount(n, unit) for n in (low, high))
        if low == high and low is not None:
            text = f"about {first}" if about else first
        elif low == 0 and last:
            text = f"up to {last}"
        elif first and last:
            text = f"{first} to {last}"
        else:
            text = f"at least {first}" if first else f"at most {last}" if last else "no bound known"
        return text + (self.noun(unit) if first or last else "")


def templates(finalize: Callable[[object], str], autoescape: bool = False) -> jinja2.Environment:
    """The templates; an unknown name in them is an error, and all that they print passes through finalize."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        finalize=finalize,
        autoescape=autoescape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        comment_start_string="<#",  # {#id} is an id in Markdown
        comment_end_string="#>",
    )


def environment(**names: object) -> jinja2.Environment:
    """The environment of pages: no text of the data is markup in them."""
    env = templates(plain, autoescape=True)
    filters = (verbatim, href, day, period, host, slug, total_id, breakable)
    env.filters |= {function.__name__: function for function in filters}
    env.filters["raw"] = Markup  # for ids and the contract's own words inside code, never for other text
    env.filters["zip"] = zip
    env.globals |= names | {"head": front_matter}
    return env


def host(url: str) -> str:
    return urlsplit(url).hostname or url


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def total_id(row: dict) -> str:
    """The fragment at which a total stands; row: a total or a record that is counted in it."""
    return slug(f"{row['measure']}-{row['level']}-{row['period']}")


def breakable(text: str) -> Markup:
    """An id that may be broken over lines after each underscore."""
    return Markup("&#95;<wbr>").join(plain(part) for part in text.split("_"))


def front_matter(
    title: str,
    about: str,
    hide: tuple[str, ...] = ("navigation", "toc"),
    linked: str = "",
    script: str = "",
) -> Markup:
    """A page's head. The theme prints all of it as it is, so it is escaped here.

    linked: JSON-LD, safe in a script; script: a file in assets/ that this page alone loads.
    """
    head = {"title": plain(title), "description": plain(about), "hide": hide}
    head |= {key: value for key, value in (("linked", linked), ("script", script)) if value}
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    return Markup("\n".join(["---", *lines, "---", "\n"]))
