"""Kinds of single fault that a curator might make, to be planted in real records to see whether the check finds them.

A kind is visible when a reader of the record alone (its words, dates, links and file name, the registers and the last
release) could see that something is wrong. Where only the source could show it, no check of the record can.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from random import Random

from .read import Dataset, Document
from .tables import read_rows
from .words import readings

Place = tuple[str, int]  # a file inside the data folder, and a line of it counted from 1


@dataclass(frozen=True)
class Planted:
    """One fault: the new bytes of each file it touches (None: deleted), and where a message may rightly stand."""

    files: dict[str, bytes | None]
    places: set[Place]


@dataclass
class Page:
    """One record as text with its places; the data folder, the dataset and all other records are at hand."""

    folder: Path
    document: Document
    dataset: Dataset
    pages: dict[str, "Page"] = field(repr=False)

    def __post_init__(self):
        self.id, self.kind, self.data = self.document.id, self.document.kind, self.document.data
        self.file = f"{self.kind}s/{self.id}.yml"
        self.lines = (self.folder / self.file).read_text(encoding="utf-8").splitlines()

    @cached_property
    def sites(self) -> list["Site"]:
        """Every value on one line, every key (its path ends in "") and every item of a list."""
        sites = (Site(self, path) for path in self.document.places if path)
        return [s for s in sites if not s.raw.startswith((">", "|"))]

    def at(self, where: str) -> list["Site"]:
        """The sites whose name matches: a value `claims.sources.url`, a key `claims.replaces.`, an item `claims[]`."""
        return [s for s in self.sites if re.fullmatch(where, s.dotted)]

    def planted(self, lines: list[str], at: set[int], more: set[Place] = frozenset()) -> Planted:
        return Planted({self.file: "\n".join([*lines, ""]).encode()}, {(self.file, line) for line in at} | more)


@dataclass(frozen=True)
class Site:
    """A place of a record: a value, a key or an item of a list."""

    page: Page
    path: tuple

    @cached_property
    def dotted(self) -> str:
        path = ".".join(step for step in self.path if isinstance(step, str))
        if self.path[-1] == "":
            lead = self.page.lines[self.line - 1].lstrip().startswith("- ")  # it carries the hyphen
            return "- " + path if lead else path
        whole = isinstance(self.dug(self.path), str)
        return path if whole else path + ("[]" if isinstance(self.path[-1], int) else "{}")

    @property
    def line(self) -> int:
        return self.page.document.places[self.path][0]

    @property
    def column(self) -> int:
        return self.page.document.places[self.path][1]

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
    def text(self) -> list[str]:
        return self.page.lines[slice(*self.block)]

    @property
    def value(self):
        return self.dug(self.path)

    @property
    def claim(self) -> dict:
        return self.dug(self.path[:2])

    @property
    def source(self) -> dict:
        return self.dug(self.path[:4])

    @property
    def figure(self) -> dict[str, Decimal]:
        return {k: Decimal(self.claim[k]) for k in ("value", "low", "high") if k in self.claim}

    @property
    def around(self) -> set[int]:
        """The lines of what this is a part of."""
        above = self.path[: -2 if self.path[-1] == "" else -1]
        return {
            self.page.document.place(path)[0] for path in (above, (*above, "")) if path in self.page.document.places
        }

    def dug(self, path: tuple):
        value = self.page.data
        for step in path:
            value = value[step]
        return value

    def rows(self, register: str) -> list[dict]:
        return self.page.dataset.registers[register].data["rows"]


# --- ways to plant: each gives a function (page, rng) → Planted, or None where the record has no such place ---------

CLAIM = "(claims|findings)"
ID = CLAIM + r"\.id"
FIGURE = CLAIM + r"\.(value|low|high)"
SAYS = CLAIM + r"\.sources\.says"
NEAR = CLAIM + r"\.(value|low|high|qualifier|unit|sources\.says|sources\.in)"  # where figure and words are typed
DATES = r"(claims\.date|published|(claims|findings)\.sources\.(published|accessed))"
DETAIL = CLAIM + r"\.sources\.(publisher|title|published|tier)"
LINK = "part_of|overlaps|offsets|see_also"
ORGANISATION = r"organisation|claims\.by_organisation"
Change = Callable[["Site", Random], str | list[str] | None]


def edit(where: str, change: Change, near: str = "", far: str = "") -> Callable:
    """Change one site; a message may also stand at the sites `near` in its claim, or `far` anywhere in the record.

    change gives the new text to the end of the line, or new lines for the whole block, or None where it does not apply.
    """

    def plant(page: Page, rng: Random) -> Planted | None:
        sites = page.at(where)
        for site in rng.sample(sites, len(sites)):
            new = change(site, rng)
            if new is None or new == site.raw:
                continue
            first, end = (site.line - 1, site.line) if isinstance(new, str) else site.block
            lines = [page.lines[first][: site.column - 1] + new] if isinstance(new, str) else new
            beside = {s.line for s in page.at(near) if s.path[:2] == site.path[:2]} | {s.line for s in page.at(far)}
            beside |= set() if new else site.around
            moved = {line + (len(lines) - end + first) * (line > end) for line in beside}
            here = range(first + 1, first + 1 + max(1, len(lines)))
            return page.planted(page.lines[:first] + lines + page.lines[end:], {*here, *moved})
        return None

    return plant


def line(change: Callable[[str], str], spread: int = 0, only: str = ": ", encoding: str = "utf-8") -> Callable:
    """Change one line as text; YAML may notice up to `spread` lines later."""

    def plant(page: Page, rng: Random) -> Planted | None:
        n = rng.choice([n for n, text in enumerate(page.lines) if re.search(only, text) and text[-2:] != ">-"])
        before, new, after = (
            "".join(f"{text}\n" for text in texts).encode(code)
            for texts, code in (
                (page.lines[:n], "utf-8"),
                ([change(page.lines[n])], encoding),
                (page.lines[n + 1 :], "utf-8"),
            )
        )
        return Planted({page.file: before + new + after}, {(page.file, n + 1 + more) for more in range(spread + 1)})

    return plant


def cell(name: str, change: Callable[[str, str], str], key: str = "", linked: bool = False) -> Callable:
    """Change the register's row that holds what the record gives under a key (with none, the record itself)."""

    def plant(page: Page, rng: Random) -> Planted | None:
        id, lines = page.data.get(key, page.id), (page.folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        at = next((n for n, row in enumerate(lines) if re.search(rf"(^|,){re.escape(id)},", row)), None)
        if at is None or page.kind == "survey":
            return None
        lines[at] = change(lines[at], id)
        places = {(f"{name}.csv", at + 1), (f"{name}.csv", at + 2)}  # a row twice is two lines
        new = "\n".join([*lines, ""]).encode()
        return Planted({f"{name}.csv": new}, places | (pointing(page, id) if linked else set()))

    return plant


def pointing(page: Page, id: str) -> set[Place]:
    """Every line of a record or register that holds an id."""
    texts = {p.file: p.lines for p in page.pages.values()}
    texts |= {p.name: p.read_text(encoding="utf-8").splitlines() for p in page.folder.glob("*.csv")}
    word = re.compile(rf"(?<![\w-]){re.escape(id)}(?![\w-])")
    return {(file, n) for file, lines in texts.items() for n, text in enumerate(lines, 1) if word.search(text)}


def released(page: Page, table: str = "records", column: str = "record_id") -> dict[str, Place]:
    """The record's rows in the last release, by an id, each with its place."""
    path = page.folder / "tables" / f"{table}.csv"
    rows = enumerate(read_rows(path), 2) if path.is_file() else ()
    return {row[column]: (f"tables/{table}.csv", n) for n, row in rows if row["record_id"] == page.id}


def move(new: str | None) -> Callable:
    """A released file under another name, or deleted: the places are its released row and every link to it."""

    def plant(page: Page, rng: Random) -> Planted | None:
        row, file = set(released(page).values()), new and page.file.replace(".yml", new)
        files = {page.file: None} | ({file: "\n".join([*page.lines, ""]).encode()} if file else {})
        return Planted(files, row | pointing(page, page.id) | ({(file, 1)} if file else set())) if row else None

    return plant


def circle(page: Page, rng: Random) -> Planted | None:
    parts = page.at("part_of")
    whole = page.pages[parts[0].value] if parts else page
    if whole.at("part_of") or not parts:
        return None
    at = whole.at("period")[0].line
    lines = [*whole.lines[:at], f"part_of: [{page.id}]", *whole.lines[at:]]
    return whole.planted(lines, {at + 1}, {(page.file, parts[0].line)})


def open_quote(page: Page, rng: Random) -> Planted | None:
    """A quotation mark before the title, closed only by the next one; there YAML stumbles."""
    title = page.at("title")[0]
    lines = list(page.lines)
    lines[title.line - 1] = 'title: "' + title.raw.strip("'\"")
    following = next((n for n, text in enumerate(lines[title.line :], title.line + 1) if '"' in text), title.line)
    return page.planted(lines, {title.line, following})


def flip(new: str, old: str) -> tuple[str, str, Callable]:
    """Another qualifier, where one source alone is the origin and so its words decide."""

    def change(site: Site, rng: Random) -> str | None:
        return new if site.raw == old and [s["role"] for s in site.claim["sources"]].count("origin") == 1 else None

    return (
        f"{new} for {old}",
        "a qualifier, against the only origin's words",
        edit(CLAIM + r"\.qualifier", change, NEAR),
    )


# --- changes: each a function (site, rng) → its new text, or None ---------------------------------------------------


def digit(change: Callable[[str, int], str]) -> Change:
    """Change a number at one digit, so that it is another number."""

    def new(site: Site, rng: Random) -> str | None:
        text = change(site.raw, rng.choice([m.start() for m in re.finditer(r"\d", site.raw)]))
        return text if re.fullmatch(r"-?\d+(\.\d+)?", text) and Decimal(text) != Decimal(site.raw) else None

    return new


def times(factor: str) -> Change:
    return lambda s, r: f"{(Decimal(s.raw) * Decimal(factor)).normalize():f}" if Decimal(s.raw) else None


def spoken(site: Site) -> re.Match | None:
    """The claim's own figure where these words of its source give it in digits: £, number, scale, per cent."""
    scales = {"": 1, "k": 10**3, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
    for m in re.finditer(r"(£?)(\d[\d,]*(?:\.\d+)?)(?:[ -]?(million|billion|bn|m|k)\b)?(%| per cent)?", site.raw):
        amount = Decimal(m[2].strip(",").replace(",", "")) * scales[m[3] or ""]
        if site.source["role"] != "disputes" and amount in {abs(v) for v in site.figure.values()}:
            return m
    return None


def words(change: Callable[[re.Match], str | None]) -> Callable:
    """Change the figure as the words give it."""

    def new(site: Site, rng: Random) -> str | None:
        m = spoken(site)
        text = m and change(m)
        return site.raw[: m.start()] + text + site.raw[m.end() :] if text else None

    return edit(SAYS, new, NEAR)


def scale(m: re.Match) -> str | None:
    other = {"m": "bn", "bn": "m", "million": "billion", "billion": "million", "k": "m"}
    return m[3] and m[0].replace(m[3], other[m[3]])


def numbers(text: str) -> set[Decimal]:
    return {abs(v) for reading in readings(text) for v in reading.numbers()}


def others_words(site: Site, rng: Random) -> str | None:
    """The words of another claim of the record, which do not hold this one's figure."""
    own = {abs(v) for v in site.figure.values()}
    fits = [s.raw for s in site.page.at(SAYS) if spoken(s) and not own & numbers(s.raw)]
    return rng.choice(fits) if own and fits and site.source["role"] != "disputes" else None


def year(text: str, by: int) -> str:
    return re.sub(r"\d{4}", lambda m: str(int(m[0]) + by), text, count=1)


def next_period(text: str) -> str:
    """The same period a year later: 2025-26 for 2024-25, by 2026-03 for by 2025-03."""
    ends = re.sub(r"(?<=-)\d\d$", lambda m: str(int(m[0]) + 1), text) if re.fullmatch(r"\d{4}-\d\d", text) else text
    return year(ends, 1)


def later(one: str, other: str) -> bool:
    """Whether a date, as far as both are known, lies after another."""
    return one[: len(other)] > other[: len(one)]


def known(site: Site, key: str) -> list[str]:
    """What the record says of its claim's sources under a key, at whatever mention."""
    urls = {s["url"] for s in site.claim["sources"]}
    return [s.raw for s in site.page.at(rf"{CLAIM}\.sources\.{key}") if s.source["url"] in urls]


def detail(twice: bool) -> Callable:
    """Another publisher, title, date or tier, of a source that some other mention describes too, or none does."""

    def change(site: Site, rng: Random) -> str | None:
        key, url = site.path[-1], site.source["url"]
        found = [
            s for p in site.page.pages.values() for s in p.at(rf"{CLAIM}\.sources\.{key}") if s.source["url"] == url
        ]
        if (len(found) > 1) != twice or site.raw[0] in "\"'":
            return None
        if key == "tier":
            return rng.choice(sorted({"primary", "press", "secondary", "weak"} - {site.raw}))
        return following(site) if key == "published" else site.raw + " and others"

    return edit(DETAIL, change, "", DETAIL)


def following(site: Site) -> str | None:
    """The day after, which nothing contradicts."""
    day = site.raw[8:]
    return f"{site.raw[:8]}{int(day) + 1:02}" if day and int(day) < 28 else None


def misspelt(site: Site, rng: Random) -> str | None:
    """One letter left out, so that it is no other word of a register."""
    at = rng.choice([m.start() for m in re.finditer("[A-Za-z]", re.match(r"[\w-]+", site.raw)[0])])
    new = site.raw[:at] + site.raw[at + 1 :]
    words_of_registers = {v for name in site.page.dataset.registers for row in site.rows(name) for v in row.values()}
    return None if new in words_of_registers else new


def measure(same_kind: bool, same_unit: bool) -> Change:
    """Another measure of figures; kinds of staff pass for one unit, and so does money by the head for money."""

    def new(site: Site, rng: Random) -> str | None:
        unit_of = lambda row: re.sub("wte|people", "posts", row["unit"].removesuffix("_per_head"))  # noqa: E731
        rows = {row["measure"]: (row["kind"], unit_of(row)) for row in site.rows("measures")}
        kind, unit = rows.pop(site.raw)
        shown = any((m := spoken(s)) and (m[1] or m[4]) for s in site.page.at(SAYS))  # the words show the unit
        fits = [
            name for name, (k, u) in rows.items() if (k == kind, u == unit) == (same_kind, same_unit) and u != "words"
        ]
        return rng.choice(fits) if fits and unit != "words" and (shown or same_unit or not same_kind) else None

    return new


def stage(step: int) -> Change:
    """A stage so many ranks away; with no step, one that only other kinds of record have."""

    def new(site: Site, rng: Random) -> str | None:
        own = {row["stage"]: int(row["rank"]) for row in site.rows("stages") if row["kind"] == site.page.kind}
        fits = sorted({row["stage"] for row in site.rows("stages")} - own.keys())
        if step:
            fits = [s for s, rank in own.items() if rank * own[site.raw] and abs(rank - own[site.raw]) == step]
        fits = [s for s in fits if "outturn" not in s]
        return rng.choice(fits) if fits else None

    return new


def outturn(early: bool) -> Change:
    """Outturn for an earlier stage, said before its period was over, or after."""

    def new(site: Site, rng: Random) -> str | None:
        end = re.findall(r"\d{4}(?:-\d\d)*", site.claim.get("period", site.page.data["period"]))[-1]
        end = (
            f"{int(end[:4]) + 1}-03"
            if re.fullmatch(r"..(..)-(\d\d)", end) and int(end[2:4]) + 1 == int(end[5:])
            else end
        )
        fits = "outturn" not in site.raw and site.page.kind != "deal" and early != later(site.claim["date"], end)
        return "outturn" if fits and site.claim["date"][: len(end)] != end[: len(site.claim["date"])] else None

    return new


def organisation(against_name: bool) -> Change:
    """Another organisation; the file's name, which begins with the right one, contradicts it, or cannot."""

    def new(site: Site, rng: Random) -> str | None:
        begins = lambda id: f"{site.page.id}-".startswith(f"{id.lower()}-")  # noqa: E731
        ids = [row["organisation_id"] for row in site.rows("organisations") if not begins(row["organisation_id"])]
        return rng.choice(ids) if begins(site.raw) or not against_name else None

    return new


def recurring(site: Site, rng: Random) -> str | None:
    said = {reading.recurrence for s in site.page.at(SAYS) for reading in readings(s.raw)}
    return {"yearly": "one_off", "one_off": "yearly"}.get(site.raw) if site.raw in said else None


def title(site: Site, rng: Random) -> str | None:
    """The claims' own figure in the title with one more digit."""
    m = re.search(r"£?(\d[\d,]*(\.\d+)?)(bn|m|%)?", site.raw)
    mine = m and numbers(m[0]) & {abs(v) for s in site.page.at(ID) for v in s.figure.values()}
    return site.raw.replace(m[1], m[1] + "5" if m[2] else "1" + m[1], 1) if mine else None


def lost(site: Site) -> bool:
    """Whether the last release holds this claim."""
    table = ("survey_findings", "finding_id") if site.page.kind == "survey" else ("claims", "claim_id")
    return site.claim["id"] in released(site.page, *table)


def twin(rename: bool) -> Callable:
    """A claim whole a second time below itself, under its own id or another."""

    def new(site: Site, rng: Random) -> list[str] | None:
        copy = [site.text[0] + ("-again" if rename else ""), *site.text[1:]]
        return None if {"replaces", "exclusive_with"} & site.claim.keys() else site.text + copy

    return edit(CLAIM + r"\[\]", new)


def link(name: str, to: Callable[[Page, Random], str | None]) -> Callable:
    """One more link, below the period of a record that has none of its sort."""

    def new(site: Site, rng: Random) -> list[str] | None:
        target = None if site.page.at(name) else to(site.page, rng)
        return [*site.text, f"{name}: [{target}]"] if target else None

    return edit(r"period\.", new, "", LINK)


def elsewhere(page: Page, rng: Random, same_measure: bool = True) -> str | None:
    """Another record of the kind, of this measure or of another, to which nothing leads yet."""
    others = [p for p in page.pages.values() if p.kind == page.kind != "survey" and p.id not in "".join(page.lines)]
    fits = [p.id for p in others if (p.data["measure"] == page.data["measure"]) == same_measure and p is not page]
    return rng.choice(fits) if fits else None


def to(target: str) -> Change:
    """The first id of a list of links changed: `{}` stands for itself."""
    return lambda s, r: re.sub("[a-z0-9-]+", target.format(s.value, id=s.page.id), s.raw, count=1)


def drop(site: Site, rng: Random) -> list[str]:
    return []


FLIPS = "about exact,exact about,at_least more_than,more_than at_least,up_to nearly,nearly up_to,nearly more_than"
FLIPS += ",up_to at_least,more_than about,unquantified exact,exact between,exact unquantified"
# fmt: off
SEEN = [  # name, what is done, how
    # figures and words
    ("digit dropped", "a figure loses a digit", edit(FIGURE, digit(lambda t, i: t[:i] + t[i + 1 :]), NEAR)),
    ("digit doubled", "a figure has a digit twice", edit(FIGURE, digit(lambda t, i: t[: i + 1] + t[i:]), NEAR)),
    ("digits swapped", "two neighbouring digits change places",
     edit(FIGURE, digit(lambda t, i: t[:i] + t[i + 1 : i + 2] + t[i] + t[i + 2 :]), NEAR)),
    ("digit mistyped", "one digit is the next one",
     edit(FIGURE, digit(lambda t, i: t[:i] + str((int(t[i]) + 1) % 10) + t[i + 1 :]), NEAR)),
    *((f"figure times {by}", "a figure too large, too small or turned round", edit(FIGURE, times(by), NEAR))
      for by in ("10", "0.1", "1000", "0.001", "-1")),
    ("number as written", "a figure with its unit, 600 WTE", edit(FIGURE, lambda s, r: s.raw + " WTE")),
    ("low above high", "a low above the high", edit(CLAIM + r"\.low", lambda s, r:
     s.claim["high"] + "0" if "high" in s.claim else None, NEAR)),
    ("bound dropped", "a range or bound loses an end", edit(CLAIM + r"\.(low|high)\.", drop, NEAR)),
    ("value dropped", "a claim loses its figure", edit(CLAIM + r"\.value\.", drop, NEAR)),
    ("point for bound", "a figure stands under low",
     edit(CLAIM + r"\.value\.", lambda s, r: s.raw.replace("value", "low"), NEAR)),
    ("bound for point", "a bound stands under value",
     edit(CLAIM + r"\.(low|high)\.", lambda s, r: re.sub("low|high", "value", s.raw), NEAR)),
    ("bound invented", "an upper bound beside a figure",
     edit(CLAIM + r"\.value\.", lambda s, r: [*s.text, f"    high: {s.claim['value']}9"], NEAR)),
    ("figure invented", "a number for words that give none", edit(CLAIM + r"\.qualifier\.", lambda s, r:
     ["    value: 500", *s.text] if s.claim["qualifier"] == "unquantified" else None, NEAR)),
    ("m for bn", "m in the words for bn, or bn for m", words(scale)),
    ("percent for pounds", "a sum in the words as per cent, or per cent as a sum",
     words(lambda m: f"{m[2]}%" if m[1] else f"£{m[2]}m" if m[4] else None)),
    ("number in words", "the figure in the words with a digit too many",
     words(lambda m: m[0].replace(m[2], m[2] + "5" if "." in m[2] else "1" + m[2]))),
    ("words without number", "the figure left out of the words", words(lambda m: "many")),
    ("words of another claim", "the phrase of another claim of the record", edit(SAYS, others_words, NEAR)),
    ("words too long", "more than twelve words", edit(SAYS, lambda s, r:
     None if s.raw[0] in "\"'" else s.raw + " and" * 13)),
    ("column heading", "£m above a bare number for £bn, or the like", edit(CLAIM + r"\.sources\.in", lambda s, r:
     {"£m": "£bn", "£bn": "£m", "£k": "£m", "%": "£m"}.get(s.raw, "%"), NEAR)),
    ("share", "the share beside a figure one too much", edit(r"claims\.share\.percent", lambda s, r:
     re.sub(r"^\d+", lambda m: str(int(m[0]) + 1), s.raw), r"claims\.share\..*")),
    ("share's words", "the words of a share with another number", edit(r"claims\.share\.says", lambda s, r:
     re.sub(r"\d+", "73", s.raw, count=1), r"claims\.share\..*")),
    *(flip(*pair.split()) for pair in FLIPS.split(",")),
    # stages, dates, periods
    ("stage of another kind", "a stage that only other kinds have", edit(r"claims\.stage", stage(0))),
    ("outturn too early", "outturn for an earlier stage, before the period is over",
     edit(r"claims\.stage", outturn(True), r"claims\.(date|period)", "period")),
    ("month 13", "a date in a thirteenth month", edit(DATES, lambda s, r: re.sub(r"^(\d{4})-\d\d", r"\1-13", s.raw))),
    ("day too many", "a day that the month lacks", edit(DATES, lambda s, r:
     f"{s.raw[:8]}{monthrange(int(s.raw[:4]), int(s.raw[5:7]))[1] + 1}" if len(s.raw) == 10 else None)),
    ("another century", "2204 for 2024", edit(DATES + "|period", lambda s, r: re.sub("20(2.)", r"22\1", s.raw))),
    ("said after published", "a claim a year later, after its source", edit(r"claims\.date", lambda s, r:
     year(s.raw, 1) if any(later(year(s.raw, 1), d) for d in known(s, "published")) else None, "", ".*published")),
    ("said after read", "a claim dated after its undated sources were read", edit(r"claims\.date", lambda s, r:
     None if known(s, "published") else year(max(known(s, "accessed")), 1), "", ".*accessed")),
    ("published after read", "a source published a year after it was read", edit(r".*\.sources\.published", lambda s, r:
     year(s.source["accessed"], 1) if "accessed" in s.source else None, "", ".*accessed")),
    ("read before published", "a source read a year before it was published", edit(r".*\.accessed", lambda s, r:
     year(s.source["published"], -1) if len(s.source.get("published", "")) == 10 else None, "", ".*published")),
    ("survey after report", "a survey a year later than what reports on it",
     edit("published", lambda s, r: year(s.raw, 1), "", ".*published")),
    ("no financial year", "a period such as 2024-26", edit("period", lambda s, r:
     re.sub(r"^(20..-)(\d\d)$", lambda m: f"{m[1]}{int(m[2]) + 1}", s.raw))),
    ("period against file name", "the next financial year; the file's name says the right one",
     edit("period", lambda s, r: next_period(s.raw) if s.raw in s.page.id else None)),
    # who and what
    ("organisation misspelt", "an id with a letter left out", edit(ORGANISATION, misspelt)),
    ("organisation by name", "a name in place of an id", edit(ORGANISATION, lambda s, r:
     next(row["name"] for row in s.rows("organisations") if row["organisation_id"] == s.raw))),
    ("organisation against file name", "another one; the file's name begins with the right one",
     edit("organisation", organisation(True))),
    ("measure of another kind", "a deficit's measure on a cut, or the like", edit("measure", measure(False, False))),
    ("measure in another unit", "pounds for posts, or the like, where the words show the unit",
     edit("measure", measure(True, False), "", NEAR)),
    ("measure of words", "an order or terms in words, where claims have figures", edit("measure", lambda s, r:
     {"cut": "order", "deal": "deal_terms"}.get(s.page.kind) if s.page.at(FIGURE) else None, "", NEAR)),
    ("unit of a finding", "pounds for per cent", edit(r"findings\.unit", lambda s, r:
     "GBP" if s.raw == "percent" and s.figure else None, NEAR)),
    ("recurrence against words", "yearly for one-off, or the other way round",
     edit(r"scope\.recurrence", recurring, "", SAYS)),
    ("figure in title", "a number in the title that no claim has", edit("title", title)),
    ("title too long", "more than a hundred characters",
     edit("title", lambda s, r: re.sub(r"(\w)(\W?)$", r"\1" + "s" * 100 + r"\2", s.raw))),
    ("vocabulary misspelt", "a word of a closed list with a letter left out",
     edit(r"measure|scope\.(mechanism|recurrence)|.*\.(stage|qualifier|tier|role|review|because)", misspelt)),
    # keys and sources
    ("key misspelt", "a key with its second letter left out",
     edit(r"[^- ].*\.", lambda s, r: s.raw[0] + s.raw[2:] if s.raw.index(":") > 3 else None)),
    ("key removed", "a key that every record needs", edit(
     r"(title|organisation|measure|summary|claims\.(date|stage|qualifier)|findings\.asks|.*\.(role|says))\.", drop)),
    ("key twice", "a line twice", edit(r"(organisation|period|.*\.(stage|tier|role))\.", lambda s, r: s.text * 2)),
    ("value left out", "a key with nothing after it",
     edit(r"measure|.*\.(date|stage|publisher|says)", lambda s, r: "" if "share" not in s.path else None)),
    ("list for a value", "a value in square brackets", edit(r"measure|.*\.(stage|tier)", lambda s, r: f"[{s.raw}]")),
    ("value for a list", "a link as a value", edit(rf"({LINK})\.", lambda s, r: re.sub(r"[\[\]]|,.*", "", s.raw))),
    ("only source removed", "a claim without a source", edit(CLAIM + r"\.sources\.", drop)),
    ("address broken", "an address that no browser opens",
     edit(r".*\.(url|seen_at)", lambda s, r: s.raw.replace("://", ":/"))),
    ("address mistyped later", "the address of a source described before, with a letter more",
     edit(r".*\.url", lambda s, r: None if "publisher" in s.source else s.raw + "x")),
    ("address of another source", "another source's address beside this one's publisher",
     edit(r".*\.url", lambda s, r: next((x.raw for x in s.page.at(r".*\.url") if x.source.get("publisher") and
     s.source.get("publisher", x.source["publisher"]) != x.source["publisher"]), None), "", DETAIL)),
    ("source described two ways", "another publisher, title, date or tier than elsewhere", detail(True)),
    ("publisher or tier left out", "a source that the record describes nowhere else",
     edit(r".*\.sources\.(publisher|tier)\.", lambda s, r: None if len(
     [x for x in s.page.at(r".*\." + s.path[-2]) if x.source["url"] == s.source["url"]]) > 1 else [], r".*\.url")),
    ("disputes what it states", "a source marked as disputing the figure that it gives", edit(r".*\.role", lambda s, r:
     "disputes" if s.raw != "disputes" and spoken(Site(s.page, (*s.path[:4], "says"))) else None, SAYS)),
    ("source twice", "a source with the same words twice in a claim",
     edit(r".*\.sources\[\]", lambda s, r: s.text * 2)),
    # claims, records, links
    ("claim's id twice", "two claims under one id", edit(ID, lambda s, r:
     next((x.raw for x in s.page.at(ID) if x.path < s.path), None), "", ID)),
    ("claim twice", "a claim whole a second time", twin(False)),
    ("claim twice, two ids", "a claim whole a second time under another id", twin(True)),
    ("claim deleted", "a released claim is gone",
     edit(CLAIM + r"\[\]", lambda s, r: [] if s.path[1] and lost(s) else None)),
    ("claim's id changed", "a released claim under another id",
     edit(ID, lambda s, r: s.raw + "-2" if lost(s) else None, "", r"(claims|findings)\.")),
    ("record renamed", "a released record under another name, the old one not listed", move("-2.yml")),
    ("record deleted", "a released record is gone", move(None)),
    ("file name", "a file's name that is no id", move(".yaml")),
    ("former id taken", "another record's id as a former one", link("former_ids", elsewhere)),
    ("replaces unknown", "a claim that is not there is replaced", edit(r"claims\.replaces", lambda s, r: s.raw + "-2")),
    ("replaces itself", "a claim replaces itself", edit(r"claims\.replaces", lambda s, r: s.claim["id"])),
    ("replaces a later one", "the first claim replaces the last", edit(r"claims\.date\.", lambda s, r:
     [*s.text, f"    replaces: {s.page.at(ID)[-1].raw}", "    because: revision"]
     if s.path[1] == 0 and s.page.at(r"claims\[\]")[1:] else None)),
    ("replaced twice", "two claims replace one", edit(r"claims\.replaces", lambda s, r:
     next((x.raw for x in s.page.at(r"claims\.replaces") if x.path < s.path), None))),
    ("because removed", "a claim replaces another without saying why",
     edit(r"claims\.because\.", drop, r"claims\.replaces")),
    ("exclusive with nothing", "the other part of a share is a finding that is not there",
     edit(r"findings\.exclusive_with", lambda s, r: s.raw + "-2")),
    ("link to nowhere", "a link to a record that is not there", edit(LINK, to("{}-2"))),
    ("link to itself", "a record linked to itself", edit(LINK, to("{id}"))),
    ("circle of parts", "the whole made a part of its part", circle),
    ("one record, two links", "a record that overlaps what it is part of or points to",
     link("overlaps", lambda p, r: next((s.value for s in p.at("part_of|see_also")), None))),
    ("part of another measure", "posts made part of a sum of money, or the like",
     link("part_of", lambda p, r: elsewhere(p, r, False))),
    # the file and the registers
    ("tab", "a line indented with the tab key", line(lambda t: "\t" + t.lstrip(), 0, "^ {4}")),
    ("indented wrongly", "a key one space too far in", line(lambda t: " " + t, 1, "^ +(date|stage|role|says): ")),
    ("quote not closed", "a quotation mark opened and not closed", open_quote),
    ("colon unquoted", "a title with a colon and no quotation marks",
     edit("title", lambda s, r: "NHS: " + s.raw.strip("'\""))),
    ("anchor", "a value with an anchor", edit(r"measure|.*\.(stage|role)", lambda s, r: "&a " + s.raw)),
    ("tag", "a value with a tag", edit(r"measure|.*\.(stage|role)", lambda s, r: "!!str " + s.raw)),
    ("no-break space", "a space that is none", line(lambda t: t.replace(": ", ":\u00a0 ", 1))),
    ("not UTF-8", "a byte of another encoding", line(lambda t: "title: £", 0, "^title", "latin-1")),
    ("two documents", "a line of three hyphens", line(lambda t: "---\n" + t, 1, "^(claims|findings):")),
    ("merge left over", "the mark of an unfinished merge", line(lambda t: "<<<<<<< HEAD\n" + t, 1)),
    ("register's vocabulary", "a measure of a kind that is none",
     cell("measures", lambda t, i: re.sub(",(cut|deficit|deal),", r",\1s,", t), "measure")),
    ("register's cells", "a comma too many", cell("organisations", lambda t, i: t + ",", "organisation")),
    ("register's row twice", "an organisation twice", cell("organisations", lambda t, i: f"{t}\n{t}", "organisation")),
    ("register's id changed", "a measure that records use under another id",
     cell("measures", lambda t, i: t.replace(i, i + "_2", 1), "measure", True)),
    ("register's link to nowhere", "a founding statement kept in a record that is not there",
     cell("founding_claims", lambda t, i: t.replace(i, i + "-2"))),
]
UNSEEN = [  # what the source alone, or the world, could show
    ("another organisation speaks", "said by another", edit(r"claims\.by_organisation", organisation(False))),
    ("measure in the same unit", "posts for WTE, new money for money", edit("measure", measure(True, True), "", SAYS)),
    ("neighbouring stage", "forecast for planned, or the like", edit(r"claims\.stage", stage(1))),
    ("outturn after the end", "outturn for an earlier stage, once the period is over",
     edit(r"claims\.stage", outturn(False))),
    ("said a year earlier", "a claim a year back, where nothing contradicts it", edit(r"claims\.date", lambda s, r:
     year(s.raw, -1) if "replaces" not in s.claim and s.raw[:4] > "2023" else None)),
    ("period a year later", "a year later, where the file's name does not say", edit("period", lambda s, r:
     None if re.search(r"20\d\d-\d\d", s.page.id) else next_period(s.raw))),
    ("source described another way", "another publisher, title, date or tier, of what is cited once", detail(False)),
    ("read another day", "another day of reading", edit(r".*\.accessed", lambda s, r: following(s))),
    ("address mistyped", "an address with a letter more", edit(r".*\.url", lambda s, r:
     s.raw + "x" if "publisher" in s.source and [u.raw for u in s.page.at(r".*\.url")].count(s.raw) == 1 else None)),
    ("one of several sources removed", "a claim with a source less", edit(r".*\.sources\[\]", lambda s, r:
     [] if s.path[3] and "publisher" not in s.source else None)),
    ("repeat for origin", "an origin marked as repeating, beside another", edit(r".*\.role", lambda s, r:
     "repeats" if [x["role"] for x in s.claim["sources"]].count(s.raw) > 1 else None)),
    ("scope changed", "another way in which posts go", edit(r"scope\.mechanism", lambda s, r:
     r.choice([m for m in s.rows("mechanisms") if m["mechanism"] != s.raw])["mechanism"])),
    ("link to another record", "a link to what has nothing to do with it",
     edit("see_also", lambda s, r: to(elsewhere(s.page, r) or "{}")(s, r))),
    ("link removed", "a link is gone", edit(r"see_also\.", drop)),
    ("review changed", "read against its source, or not yet", edit(r".*\.review", lambda s, r: "entered")),
    ("number answering", "another number of answers to a survey", edit(".*_answering", lambda s, r: s.raw + "0")),
    ("number in a note", "another number in our own words",
     edit(CLAIM + r"\.note", lambda s, r: re.sub(r"\b\d+\b", "77", s.raw, count=1))),
]
# fmt: on
KINDS = [(*kind, True) for kind in SEEN] + [(*kind, False) for kind in UNSEEN]  # name, what, how, visible
