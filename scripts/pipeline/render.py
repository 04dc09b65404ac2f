"""Words and figures as pages show them, and the Jinja2 environment in which no text of the data is ever markup."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SPECIAL = str.maketrans({c: f"&#{ord(c)};" for c in "&<>\"'\\`*_{}[]|~^$!#"})
_LEADING = re.compile(r"^( ?\d+(?=[.)])| ?)([-+=:.)])")  # would open a list, a rule or a definition


def plain(value: object) -> Markup:
    """Any value as text that is neither HTML nor Markdown: one line, every character with a meaning as an entity."""
    if isinstance(value, Markup):
        return value
    text = re.sub(r"\s+", " ", str("" if value is None else value)).translate(_SPECIAL)
    return Markup(_LEADING.sub(lambda lead: f"{lead[1]}&#{ord(lead[2])};", text))


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
    return " ".join([str(int(number)) for number in parts[2:]] + [MONTHS[int(parts[1]) - 1], parts[0]])


def period(text: str | None) -> str:
    """A period in words: 2024-25, by 31 December 2025, April 2025 to December 2025."""
    first, _, last = (text or "").partition(" to ")
    words = (first if first == last else text or "").split(" ")
    return " ".join(word if word in ("by", "from", "to") or is_financial_year(word) else day(word) for word in words)


def is_financial_year(text: str) -> bool:
    """Whether a text is a financial year (2024-25) and not a month (2024-12)."""
    return bool(re.fullmatch(r"\d{4}-\d{2}", text)) and (int(text[:4]) + 1) % 100 == int(text[5:])


def amount(value: Decimal, unit: str) -> str:
    """A number that reads back exactly: £4.5bn, £768,000, 37%, 2,300; below zero with a minus sign."""
    scale, letters = next(
        (
            (s, l)
            for s, l in ((10**9, "bn"), (10**6, "m"))
            if unit == "GBP" and abs(value) >= s and value % (s // 1000) == 0
        ),
        (1, ""),
    )
    text = f"{abs(value) / scale:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (
        ("−" if value < 0 else "")
        + ("£" if unit in ("GBP", "GBP_per_head") else "")
        + text
        + letters
        + ("%" if unit == "percent" else "")
    )


class Figures:
    """Figures in words. units: the register's rows by id; measures likewise; qualifiers likewise."""

    def __init__(self, units: dict[str, dict], measures: dict[str, dict], qualifiers: dict[str, dict]):
        self.units, self.measures, self.qualifiers = units, measures, qualifiers

    def noun(self, unit: str) -> str:
        """What follows a number of the unit: " posts", " WTE", " a head"; nothing for money and shares."""
        if unit in ("GBP", "percent", "words"):
            return ""
        return " a head" if unit == "GBP_per_head" else f" {self.units[unit]['name']}"

    def claim(self, row: dict, side: str = "") -> str:
        """A claim's figure: about 600 WTE, more than 2,300 posts, nearly £6bn, £4.5bn to £5bn; empty where unquantified.

        row: a claim, a finding, or a row of a flat table, whose columns then begin with side (first_, current_).
        """
        low, high, value = (row[side + name] for name in ("low", "high", "value"))
        qualifier = self.qualifiers.get(row[side + "qualifier"])
        if qualifier is None or (low, high, value) == (None, None, None):
            return ""
        numbers = [
            amount(n, row["unit"])
            for n in (
                (low, high)
                if qualifier["low"] and qualifier["high"]
                else [next(n for n in (value, low, high) if n is not None)]
            )
        ]
        text = " to ".join(numbers) + self.noun(row["unit"])
        below = (
            " to " not in text
            and "−" in text
            and re.search(
                r"; (?:an? )?(\w+) is negative", str(self.measures.get(row.get("measure"), {}).get("positive_means"))
            )
        )
        return " ".join(filter(None, (qualifier["prefix"], text, f"({below[1]})" if below else "")))

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


def environment(**names: object) -> jinja2.Environment:
    """The templates' environment: an unknown name is an error, and all that is printed passes through `plain`."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=plain,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        comment_start_string="<#",
        comment_end_string="#>",
    )  # {#id} is an id of Markdown
    env.filters |= {
        "href": href,
        "day": day,
        "period": period,
        "host": host,
        "slug": slug,
        "total_id": total_id,
        "breakable": breakable,
        "raw": Markup,
    }  # raw: for ids and the contract's own words inside code, never for other text
    env.globals |= names
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


def front_matter(title: str, description: str, hide: tuple[str, ...] = (), search: bool = True) -> str:
    """A page's head. The theme prints title and description as they are, so they are escaped here."""
    head = {
        "title": plain(title),
        "description": plain(description),
        "hide": list(hide),
        "search": {"exclude": not search},
    }
    return (
        "---\n"
        + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items())
        + "---\n\n"
    )
