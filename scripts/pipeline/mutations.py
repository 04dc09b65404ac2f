"""Kinds of single fault that a curator might make, to be planted in real records to see whether the check finds them.

Each kind is a row of mutations.csv. It is visible when a reader of the record alone (its words, dates, links and file
name, the registers and the last release) could see that something is wrong. Where only the source could show it, no
check of the record can. The columns say how it is planted:

where   the places that fit, as a pattern of their name: a value `claims.sources.url`, a key `claims.replaces.`, an item
        `claims[]` (a survey's findings pass for claims); after ^ a pattern of a whole line
when    what must hold of the place's facts, by semicolons: name, name=pattern, or either after a hyphen for not
change  one of the functions below; sub changes the text to the end of the line, block all lines of a key or an item
old, new  what the change takes; {name} stands for a fact
near, far, until  where a message may stand too: patterns of places in the same claim, of places in the record (or id:
        every line of the data with the id that is gone), and of the next line where YAML may notice
"""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from operator import getitem
from pathlib import Path
from random import Random

from .read import Dataset, Document
from .rules import LINKS
from .tables import read_rows

Place = tuple[str, int]  # a file inside the data folder, and a line of it counted from 1
FIGURE_AND_WORDS = r"claims\.(value|low|high|qualifier|unit|sources\.says|sources\.in)"
CHARACTERS = {"nbsp": "\u00a0", "byte": "\udca3"}  # the second is a byte that is no UTF-8

KINDS = [
    {k: v.replace("\\n", "\n").replace("@figure", FIGURE_AND_WORDS) for k, v in row.items()}
    for row in read_rows(Path(__file__).with_suffix(".csv"))
]


@dataclass(frozen=True)
class Planted:
    """One fault: the new bytes of each file it touches (None: deleted), and where a message may rightly stand."""

    files: dict[str, bytes | None]
    places: set[Place]


class Whole:
    """A data folder as text: a page for each record, by its id, and for each register, by its name."""

    def __init__(self, folder: Path, dataset: Dataset):
        self.folder = folder
        self.records = {id: Page(self, doc, f"{doc.kind}s/{id}.yml") for id, doc in dataset.records.items()}
        self.registers = {name: Page(self, doc, f"{name}.csv") for name, doc in dataset.registers.items()}
        self.described = Counter((s["url"], k) for p in self.records.values() for s in p.cited for k in s)

    @cached_property
    def released(self) -> set[tuple[str, str]]:
        """Records and claims of the last release."""
        rows = [row for name in ("claims", "survey_findings") for row in read_rows(self.folder / f"tables/{name}.csv")]
        return {(row["record_id"], row.get("claim_id") or row["finding_id"]) for row in rows}

    def holding(self, id: str) -> set[Place]:
        """Every line of a record, a register or the released records that holds an id."""
        texts = {p.file: p.lines for pages in (self.records, self.registers) for p in pages.values()}
        texts["tables/records.csv"] = (self.folder / "tables/records.csv").read_text(encoding="utf-8").splitlines()
        word = re.compile(rf"(?<![\w-]){re.escape(id)}(?![\w-])")
        return {(file, n) for file, lines in texts.items() for n, text in enumerate(lines, 1) if word.search(text)}


class Page:
    """One record or register as text with its places."""

    def __init__(self, whole: Whole, document: Document, file: str):
        self.whole, self.document, self.data, self.file = whole, document, document.data, file
        self.lines = (whole.folder / file).read_text(encoding="utf-8").splitlines()
        self.claims = self.data.get("claims") or self.data.get("findings") or []
        self.cited = [source for claim in self.claims for source in claim["sources"]]

    @cached_property
    def sites(self) -> list["Site"]:
        """Every value on one line, every key (its path ends in "") and every item of a list."""
        sites = (Site(self, path, *place) for path, place in self.document.places.items() if path)
        return [s for s in sites if not s.raw.startswith((">", "|"))]

    def at(self, where: str) -> list["Site"]:
        if where.startswith("^"):
            lines = enumerate(self.lines, 1)
            return [Site(self, (), n, 1) for n, text in lines if re.search(where, text) and text[-2:] != ">-"]
        return [s for s in self.sites if re.fullmatch(where, s.dotted)] if where else []

    def plant(self, kind: dict[str, str], rng: Random) -> Planted | None:
        """A fault of this kind, or None where the page has no place for it."""
        if kind["change"] == "move":
            return self._moved(kind["new"])
        sites = self.at(kind["where"])
        for site in rng.sample(sites, len(sites)):
            if all(site.holds(condition) for condition in filter(None, kind["when"].split(";"))):
                first, end = site.block if kind["change"] == "block" else (site.line - 1, site.line)
                cut = 0 if kind["change"] == "block" else site.column - 1
                text = "\n".join(self.lines[first:end])
                new = re.sub(r"\{([a-z]+)\}", lambda m, site=site: site.facts[m[1]], kind["new"])
                changed = CHANGES[kind["change"]](text[cut:], site, rng, kind["old"], new)
                if changed not in (None, text[cut:]):
                    return self._changed(kind, site, first, end, text[:cut] + changed)
        return None

    def _changed(self, kind: dict[str, str], site: "Site", first: int, end: int, text: str) -> Planted:
        """The page with other text for the lines from `first` to before `end`, counted from 0."""
        new = text.split("\n") if text else []
        lines = [*self.lines[:first], *new, *self.lines[end:]]
        beside = {s.line for s in self.at(kind["near"]) if s.path[:2] == site.path[:2]}
        more = self.whole.holding(re.match(r"\w+", site.raw)[0]) if kind["far"] == "id" else set()
        beside |= (set() if more else {s.line for s in self.at(kind["far"])}) | (set() if new else site.around)
        at = {line + (first + len(new) - end) * (line > end) for line in beside}
        at |= {first + 1, *range(first + 1, first + 1 + len(new))}
        later = [n for n, line in enumerate(lines, 1) if n > first + len(new) and re.search(kind["until"], line)]
        at |= {*later[:1]} if kind["until"] else set()
        raw = "\n".join([*lines, ""]).encode(errors="surrogateescape")
        return Planted({self.file: raw}, {(self.file, line) for line in at} | more)

    def _moved(self, suffix: str) -> Planted | None:
        """A released file under another name, or deleted."""
        places = self.whole.holding(self.document.id)
        if not any(file.startswith("tables/") for file, _ in places):
            return None
        new = {self.file.replace(".yml", suffix): "\n".join([*self.lines, ""]).encode()} if suffix else {}
        return Planted({self.file: None} | new, places | {(file, 1) for file in new})


@dataclass(frozen=True)
class Site:
    """A place of a page: a value, a key or an item of a list; without a path, a line."""

    page: Page
    path: tuple
    line: int
    column: int

    @cached_property
    def dotted(self) -> str:
        path = re.sub("^findings", "claims", ".".join(step for step in self.path if isinstance(step, str)))
        if self.path[-1] == "":
            lead = self.page.lines[self.line - 1].lstrip().startswith("- ")  # it carries the hyphen
            return "- " + path if lead else path
        value = reduce(getitem, self.path, self.page.data)
        return path if isinstance(value, str) else path + ("[]" if isinstance(self.path[-1], int) else "{}")

    @cached_property
    def raw(self) -> str:
        """The text from here to the end of the line."""
        return self.page.lines[self.line - 1][self.column - 1 :]

    @property
    def block(self) -> tuple[int, int]:
        """First line and the line after the last, counted from 0, of an item, or of a key with its value."""
        first, inside = self.line - 1, self.column - (self.path[-1] != "")
        depths = ((n, len(line) - len(line.lstrip())) for n, line in enumerate(self.page.lines) if n > first)
        return first, next((n for n, depth in depths if depth < inside), len(self.page.lines))

    @property
    def around(self) -> set[int]:
        """The lines of what this is a part of."""
        above, places = self.path[: -2 if self.path[-1] == "" else -1], self.page.document.places
        return {places[path][0] for path in (above, (*above, "")) if path in places}

    @cached_property
    def parts(self) -> list[dict]:
        """The mappings inside the record that this stands in, or is: a claim, then its source."""
        value, found = self.page.data, []
        for step in self.path[: -1 if self.path[-1:] == ("",) else None]:
            value = value[step]
            found += [value] if isinstance(value, dict) else []
        return found

    @cached_property
    def facts(self) -> dict[str, str]:
        """What is typed in the claim and source around, and what else decides whether a fault of a kind can stand."""
        page, cited, (claim, source, *_) = self.page, self.page.cited, [*self.parts, {}, {}]
        own, others = page.document.id, page.whole.records.items()
        return (
            {k: v for k, v in (CHARACTERS | claim | source).items() if isinstance(v, str)}
            | {
                "record": own,
                "keys": " ".join(page.data),
                "measure": page.data.get("measure", ""),
                "linked": next((page.data[link][0] for link in LINKS if link in page.data), ""),
                "part": next((id for id, other in others if own in other.data.get("part_of", [])), ""),
                "first": page.claims[0]["id"],
                "last": page.claims[-1]["id"],
                "replaced": next((c["replaces"] for c in page.claims if "replaces" in c), ""),
                "type": page.document.kind,
                "number": str(self.path[1]) if claim else "",  # of the claim, from 0
                "words": "\n".join(source["says"] for source in cited),  # of all sources
                "figures": " ".join(map(str, set().union(*map(figures, page.claims)))),
                "spoken": "yes" if "says" in source and spoken(source["says"], claim) else "no",  # here, by this source
                "origins": str([s["role"] for s in claim.get("sources", [])].count("origin")),
                "mentions": str(sum(s["url"] == source.get("url") for s in cited)),
                "described": str(page.whole.described[source.get("url"), *self.path[-1:]]),
                "dated": " ".join(self.known("published")),
                "over": over(claim.get("date", ""), claim.get("period", page.data.get("period", ""))),
                "released": "yes" if (own, claim.get("id")) in page.whole.released else "no",
            }
        )

    def holds(self, condition: str) -> bool:
        name, _, pattern = condition.removeprefix("-").partition("=")
        found = name in self.facts and re.search(pattern, self.facts[name])
        return bool(found) != condition.startswith("-")

    def known(self, key: str) -> list[str]:
        """What the record says under a key of the source around, or of all of the claim's, at whatever mention."""
        urls = {s.get("url") for s in self.parts[1:] or (self.parts or [{}])[0].get("sources", [])}
        return [s[key] for s in self.page.cited if s["url"] in urls and key in s]


def figures(claim: dict) -> set[Decimal]:
    return {abs(Decimal(claim[key])) for key in ("value", "low", "high") if key in claim}


def spoken(text: str, claim: dict) -> re.Match | None:
    """The claim's own figure where words give it in digits: £, number, scale, per cent."""
    scales = {"": 1, "k": 10**3, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
    for m in re.finditer(r"£?(\d[\d,]*(?:\.\d+)?)(?:[ -]?(million|billion|bn|m|k)\b)?(?:%| per cent)?", text):
        if Decimal(m[1].strip(",").replace(",", "")) * scales[m[2] or ""] in figures(claim):
            return m
    return None


def over(day: str, period: str) -> str:
    """Whether a financial year was over (yes) or not (no) on a date; empty where that is not clear."""
    year = re.fullmatch(r"20(\d\d)-(\d\d)", period)
    if not year or int(year[1]) + 1 != int(year[2]) or len(day) < 7 or day[:7] == f"20{year[2]}-03":
        return ""
    return "yes" if day[:7] > f"20{year[2]}-03" else "no"


# --- changes: each a function (text, site, rng, old, new) → the text changed, or None where it does not apply ------


def sub(text: str, site: Site, rng: Random, old: str, new: str) -> str:
    return re.sub(old, new, text, count=1, flags=re.S)


def digit(text: str, site: Site, rng: Random, old: str, new: str) -> str | None:
    """Change a number from one of its digits on, so that it is another number."""
    at = rng.choice([m.start() for m in re.finditer(r"\d", text)])
    changed = text[:at] + re.sub(rf"\A{old}", new, text[at:])
    return changed if re.fullmatch(r"-?\d+(\.\d+)?", changed) and Decimal(changed) != Decimal(text) else None


def times(text: str, site: Site, rng: Random, old: str, new: str) -> str | None:
    return f"{(Decimal(text) * Decimal(new)).normalize():f}" if Decimal(text) else None


def figure(text: str, site: Site, rng: Random, old: str, new: str) -> str | None:
    """Change the figure as the words give it."""
    m = spoken(text, site.parts[0])
    return text[: m.start()] + sub(m[0], site, rng, old, new) + text[m.end() :] if m else None


def years(text: str, site: Site, rng: Random, old: str, new: str) -> str | None:
    """So many years after what the sources have under a key, as far as it is no less exact, or after this itself."""
    base = max(site.known(old) if old else [text], default="")
    return f"{int(base[:4]) + int(new)}{base[4:]}" if len(base) >= len(text) else None


CHANGES = {"sub": sub, "block": sub, "digit": digit, "times": times, "figure": figure, "years": years}
