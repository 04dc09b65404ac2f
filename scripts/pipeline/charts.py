"""The site's pictures: each a finding, how to read it, what is drawn as rows of data, and a drawing for any width."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from . import derive
from .compile import Table
from .coverage import TYPES
from .descriptor import ROOT
from .render import amount, day, period
from .svg import LINE, SHAPES, Drawing, Scale, clip, linear, logarithmic, number, powers, safe, ticks, wrap
from .tables import native, read_rows, to_csv
from .values import is_financial_year, partial_span

if TYPE_CHECKING:
    from .site import SiteData

WIDE, NARROW, SINGLE = 720, 340, 360  # units: about pixels, on a desk, on a phone, and of a record's picture on both
CLAIM = ("record_id", "claim_id", "title", "organisation_id", "organisation_name", "measure", "level", "period")
CLAIM += ("stage", "date", "value", "low", "high", "qualifier", "unit", "figure")
LOOKS = {  # stage → shape and class of its mark, in the order of the key
    stage: (shape, kind)
    for stages, shape, kind in (
        ("scenario", "diamond", "early"),
        ("proposed requested", "circle", "early"),
        ("planned agreed", "circle", "plan"),
        ("forecast", "diamond", "forecast"),
        ("year_to_date", "triangle", "part"),
        ("draft_outturn confirmed", "square", "draft"),
        ("outturn paid", "square", "outcome"),
        ("paused withdrawn refused", "cross", "end"),
    )
    for stage in stages.split()
}
PART = ("scenario", "year_to_date")  # stages that are not of the same kind as the others of their record
STATES = {"found": "heat heat4", "searched": "searched", "not_searched": "not_searched"}  # of coverage → its class
SIGNS = {"about": "~", "more_than": ">", "at_least": "≥", "nearly": "<", "up_to": "≤"}
HEAT = (1, 5, 10, 20)  # from how many records on a tile is a shade darker
STEPS = (0, 50_000_000, 100_000_000, 200_000_000)  # above which deficit a cell is a shade darker, in pounds
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Chart:
    """A picture. rows: exactly what is drawn; draw(drawing): draws it, in whatever width the drawing has.

    address: where it stands below the top of the site, without an ending; home: where links of its own file start.
    """

    address: str
    title: str
    how: str
    alt: str
    rows: list[dict]
    draw: Callable[[Drawing], None]
    home: str
    widths: tuple[int, ...] = (WIDE, NARROW)

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]

    def inline(self, root: str) -> Markup:
        """The drawing for a page, once for a desk and once for a phone; root leads from there to the top."""
        parts = []
        for width, kind in zip(self.widths, ("wide", "narrow") if len(self.widths) > 1 else ("single",), strict=True):
            self.draw(drawing := Drawing(width, root))
            box = f'viewBox="0 0 {width} {number(drawing.height)}" role="group" aria-label="{safe(self.title)}"'
            parts.append(f'<svg class="picture {kind}" {box}>{drawing.body()}</svg>')
        return Markup("".join(parts))

    def standalone(self, source: str) -> str:
        """The drawing as a file of its own with title, explanation, source and licence; light or dark."""
        width, edge = self.widths[0], 16
        self.draw(drawing := Drawing(width, self.home))
        frame = Drawing(width, self.home)
        top = frame.lines(0, 14, wrap(self.title, width * 0.92), "h")
        top = frame.lines(0, top + 4, wrap(self.how, width), "q")
        bottom = frame.lines(0, top + drawing.height + 1.5 * LINE, wrap(source, width), "q")
        size = [number(width + 2 * edge), number(bottom + edge)]
        box = f'viewBox="{-edge} {-edge / 2:g} {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}"'
        head = f"<title>{safe(self.title)}</title><desc>{safe(self.alt)}</desc><style>{_style()}</style>"
        paper = f'<rect class="paper" x="{-edge}" y="{-edge / 2:g}" width="100%" height="100%"/>'
        moved = f'<g transform="translate(0 {number(top)})">{drawing.body()}</g>'
        body = f"{head}{paper}{frame.body()}{moved}"
        return f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" {box}>{body}</svg>\n'


@cache
def _style() -> str:
    """The rules of charts.css for a file: the colours of site.css in place of their names, light, then dark."""
    site, own = ((ROOT / "docs" / "assets" / f"{name}.css").read_text(encoding="utf-8") for name in ("site", "charts"))
    rules = re.findall(r"^\.picture.*", own[: own.index("/* the page")], re.M)
    schemes = []
    for scheme in ("default", "slate"):
        blocks = re.findall(rf'^\[data-md-color-scheme="{scheme}"\] {{(.*?)}}', site + own, re.M | re.S)
        colours = dict(re.findall(r"(--[\w-]+): (#\w+);", "".join(blocks)))
        schemes.append(re.sub(r"var\((--[\w-]+)\)", lambda name: colours[name[1]], "".join(rules)))  # noqa: B023
    return f"{schemes[0]}@media (prefers-color-scheme: dark) {{{schemes[1]}}}"


def write_charts(data: "SiteData", folder: Path) -> list[Chart]:
    """Write the files of every picture below a folder: .svg, .csv, .json; of a record's picture .svg alone.

    Returns the pictures that have a page.
    """
    made = charts(data)
    (folder / "charts").mkdir(parents=True)
    (folder / "records").mkdir(exist_ok=True)
    credit = f"Data: {data.meta['title']}, version {data.version}, as of {day(data.as_of)}. CC BY 4.0. "

    def write(chart: Chart, ending: str, text: str) -> None:
        (folder / f"{chart.address}.{ending}").write_text(text, encoding="utf-8", newline="")

    for chart in [*made, *filter(None, (vintages(data, record) for record in data.records.values()))]:
        write(chart, "svg", chart.standalone(f"{credit}{data.meta['homepage'].rstrip('/')}/{chart.address}/"))
    for chart in made:
        about = {"version": data.version, "title": chart.title, "how": chart.how, "alt": chart.alt, "rows": chart.rows}
        write(chart, "json", json.dumps(about, ensure_ascii=False, default=native) + "\n")
        write(chart, "csv", to_csv(Table("", list(chart.rows[0]), chart.rows)))
    return made


def charts(data: "SiteData") -> list[Chart]:
    """Every picture that has a page and something to show, in the order of the index."""
    makers = (national_deficits, system_deficits, cuts_over_time, deals, promise_and_outcome, where, coverage)
    return [chart for chart in (make(data) for make in makers) if chart.rows]


def home(data: "SiteData") -> Chart:
    """The one picture for the first page."""
    return national_deficits(data)


# --- what the pictures share -------------------------------------------------------------------------------


@cache
def _how() -> dict[str, str]:
    return {row["name"]: row["how"] for row in read_rows(FOLDER / "charts.csv")}


def _chart(data: "SiteData", name: str, title: str, rows: list[dict], draw: Callable, alt: list[str] = ()) -> Chart:
    """A picture with a page; alt: each row in words, unless the rows are claims."""
    text = "; ".join(alt or [_words(data, row) for row in rows]) + "."
    return Chart(f"charts/{name}", title, _how()[name], text, rows, draw, f"{data.meta['homepage'].rstrip('/')}/")


def _row(said: dict, **more: object) -> dict:
    """A claim as a picture's row."""
    return {name: said.get(name, said["record"].get(name)) for name in CLAIM} | more


def _figured(record: dict) -> list[dict]:
    return [s for s in record["statements"] if s["figure"]]


def _current(data: "SiteData", kind: str) -> list[dict]:
    """The records of a kind whose current claim has a figure."""
    return [r for r in data.of_kind(kind) if r["current"] and r["current"]["figure"]]


def _stage(data: "SiteData", row: dict) -> str:
    return data.names["stages", data.measures[row["measure"]]["kind"], row["stage"]]


def _words(data: "SiteData", row: dict) -> str:
    return f"{row['title']}: {row['figure']} ({_stage(data, row)}, {day(row['date'])})"


def _link(drawing: Drawing, data: "SiteData", row: dict):
    return drawing.link(f"records/{row['record_id']}/#{row['claim_id']}", _words(data, row))


def _numbers(rows: Iterable[dict]) -> list[Decimal]:
    return [row[name] for row in rows for name in ("value", "low", "high") if row[name] is not None]


def _place(row: dict) -> Decimal:
    """Where a line to a figure ends: at its point, in the middle of its range, or at its bound."""
    numbers = _numbers([row])
    return sum(numbers) / len(numbers)


def _body(name: str) -> str:
    """An organisation's name without the words that all of its kind have; boards and systems stay told apart."""
    name = name.replace("Integrated Care Board", "ICB")
    return re.sub(r"^All (NHS )?| NHS (Foundation )?Trust$| in England$", "", name)


def _key(drawing: Drawing, data: "SiteData", rows: list[dict]) -> float:
    """Draw which mark is which stage; returns where the drawing goes on."""
    names = {row["stage"]: _stage(data, row) for row in rows}
    return drawing.key([(names[stage], *look) for stage, look in LOOKS.items() if stage in names])


class _Time:
    """A time axis over whole years from left to right."""

    def __init__(self, rows: list[dict], left: float, right: float):
        spans = [partial_span(row["date"]) for row in rows]
        self.years = range(min(s[0].year for s in spans), max(s[1].year for s in spans) + 1)
        first, last = (partial_span(str(self.years[i]))[i].toordinal() for i in (0, -1))
        self.left, self.right, self.scale = left, right, linear(first, last, left, right)

    def span(self, date: str) -> tuple[float, float, float]:
        """Where the first day of a partial date stands, its middle and its last day."""
        first, last = (self.scale(day.toordinal()) for day in partial_span(date))
        return first, (first + last) / 2, last

    def draw(self, drawing: Drawing, top: float, bottom: float) -> None:
        for year in self.years:
            first, middle, _ = self.span(str(year))
            drawing.path([(first, top), (first, bottom)], "grid")
            drawing.text(middle, bottom + 15, year, "q c")

    def mark(self, drawing: Drawing, data: "SiteData", row: dict, y: Scale) -> None:
        """A claim at its date and figure, linked; a date known to the year alone has a line as long as the year."""
        first, middle, last = self.span(row["date"])
        with _link(drawing, data, row):
            if "-" not in row["date"]:
                drawing.path([(first, y(_place(row))), (last, y(_place(row)))], "fuzzy")
            drawing.figure(lambda value: (middle, y(value)), row, "y", *LOOKS[row["stage"]])


# --- what was said, and when -------------------------------------------------------------------------------


def vintages(data: "SiteData", record: dict) -> Chart | None:
    """The figures of one record, one below the other in the order in which they were said; None of fewer than two."""
    said = [] if record["kind"] == "survey" else _figured(record)
    if len(said) < 2:
        return None
    rows = [_row(s) for s in said]
    scale = linear(min(0, *_numbers(rows)), max(0, *_numbers(rows)), 26, SINGLE - 26)

    def draw(drawing: Drawing) -> None:
        drawing.path([(scale(0), 0), (scale(0), 40 * len(rows))], "base")
        for y, row, claim in zip(range(14, 40 * len(rows), 40), rows, said, strict=True):
            shape, kind = LOOKS[row["stage"]]
            with drawing.link(f"#{row['claim_id']}"):
                drawing.text(scale(0) + 6, y, f"{day(row['date'])}, {_stage(data, row)}", "q")
                drawing.text(drawing.width, y, row["figure"], "h e" if claim["is_current"] else "e")
                place = partial(lambda y, value: (scale(value), y), y + 14)
                drawing.figure(place, row, "x", shape, f"{kind} gone" if claim["replaced_on"] else kind)

    title = f"What was said, and when: {record['title']}"
    alt = "; ".join(_words(data, row) for row in rows) + "."
    home = data.address(record["record_id"])
    return Chart(f"records/{record['record_id']}", title, _how()["vintages"], alt, rows, draw, home, (SINGLE,))


def national_deficits(data: "SiteData") -> Chart:
    """The national deficits of each year: a line for each record, an axis for each measure said more than once."""
    records = [r for r in _current(data, "deficit") if r["level"] == "national" and r["unit"] == "GBP"]
    revised = {r["measure"] for r in records if len(_figured(r)) > 1}
    groups = {m: [r for r in records if r["measure"] == m] for m in data.measures if m in revised}
    rows = [_row(s) for members in groups.values() for r in members for s in _figured(r)]
    most = max(records, key=lambda r: abs(_place(_figured(r)[0]) - _place(r["current"])), default=None)

    def draw(drawing: Drawing) -> None:
        y = _key(drawing, data, rows)
        for measure, members in groups.items():
            usual = Counter(r["organisation_name"] for r in members).most_common(1)[0][0]
            head = f"{data.measures[measure]['name']}: {_body(usual)}, or as named"
            y = drawing.lines(0, y + 10, wrap(head, 0.9 * drawing.width), "h")
            y = _hedgehog(drawing, data, members, usual, y + 4)

    title = ""
    if most:
        name, body = data.measures[most["measure"]]["name"].lower(), _body(most["organisation_name"])
        title = f"No national figure moved more than the {name} of {body} in {most['period']}"
        title += f", {most['deficit_support']} deficit support" if most["deficit_support"] else ""
        title += f": from {_figured(most)[0]['figure']} to {most['current']['figure']}"
    return _chart(data, "national-deficits", title, rows, draw)


def _hedgehog(drawing: Drawing, data: "SiteData", records: list[dict], usual: str, top: float) -> float:
    """Records of one measure; those with a line or an outcome are named at the right by year, and by an unusual body.

    Returns where to go on.
    """
    rows = [_row(s) for r in records for s in _figured(r)]
    right, bottom = drawing.width - (200 if drawing.width == WIDE else 116), top + 250
    time, marks = _Time(rows, 52, right - 12), ticks(min(0, *_numbers(rows)), max(_numbers(rows)))
    scale = linear(marks[0], marks[-1], bottom, top)
    drawing.grid([(scale(mark), amount(Decimal(mark), "GBP")) for mark in marks], 52, right - 12)
    time.draw(drawing, top, bottom)
    free = bottom  # above here no name stands yet
    for record in sorted(records, key=lambda r: _place(_figured(r)[-1])):
        said = [_row(s) for s in _figured(record)]
        points = [(time.span(row["date"])[1], scale(_place(row))) for row in said]
        joined = [p for p, row in zip(points, said, strict=True) if row["stage"] not in PART]
        if joined:
            drawing.path(joined, "thread")
        if len(joined) > 1 or record["current"]["stage"] in derive.OUTCOMES:  # a lone mark is named by its link
            free = min(free, points[-1][1] + 4)
            drawing.path([points[-1], (right - 4, free - 4)], "fuzzy")
            body = _body(record["organisation_name"]) if record["organisation_name"] != usual else ""
            name = " ".join(filter(None, (record["period"], record["deficit_support"], body)))
            drawing.text(right, free, clip(name, drawing.width - right), "q")
            free -= LINE
        for row in said:
            time.mark(drawing, data, row, scale)
    return bottom + 40


# --- many records on a time axis ---------------------------------------------------------------------------


def cuts_over_time(data: "SiteData") -> Chart:
    """Every counted cut by when its current figure was said, a panel for each measure and level."""
    counted = [_row(r["current"]) for r in _current(data, "cut") if r["counted"]]
    panels = {}
    for measure in data.measures.values():
        for level in dict.fromkeys(kind["level"] for kind in data.types.values()):
            rows = [row for row in counted if (row["measure"], row["level"]) == (measure["measure"], level)]
            panels[f"{measure['name']}, {data.label('level', level)} ({len(rows)})"] = ("", rows)
    year, most = max(sorted(Counter(row["date"][:4] for row in counted).items()), key=lambda i: i[1], default=("", 0))
    title = f"{most} of {len(counted)} announced cuts that count in a total had their current figure said in {year}"
    return _panels(data, "cuts-over-time", title, panels)


def deals(data: "SiteData") -> Chart:
    """Every deal in pounds by when its current figure was said, a panel for each measure, which says what it is not."""
    sums = [_row(r["current"]) for r in _current(data, "deal") if r["unit"] == "GBP"]
    panels = {}
    for measure in data.measures.values():
        rows = [row for row in sums if row["measure"] == measure["measure"]]
        panels[f"{measure['name']} ({len(rows)})"] = (measure["definition"], rows)
    most = Counter(data.measures[row["measure"]]["name"].lower() for row in sums).most_common(3)
    title = f"Of {len(sums)} deals with a sum of money, " + ", ".join(f"{count} are {name}" for name, count in most)
    return _panels(data, "deals", title, panels)


def _panels(data: "SiteData", name: str, title: str, panels: dict[str, tuple[str, list[dict]]]) -> Chart:
    """Panels (heading → definition, rows), two abreast where there is room, on one time axis; without empty ones."""
    parts = [(head, text, members) for head, (text, members) in panels.items() if members]
    rows = [row for *_, members in parts for row in members]

    def draw(drawing: Drawing) -> None:
        columns = 2 if drawing.width == WIDE else 1
        width, y = (drawing.width - 24 * (columns - 1)) / columns, _key(drawing, data, rows)
        for first in range(0, len(parts), columns):
            abreast = [(wrap(head, 0.9 * width), wrap(text, width), own) for head, text, own in parts[first:][:columns]]
            top = y + 4 + LINE * max(1 + len(head) + len(text) for head, text, _ in abreast)
            for place, (head, text, members) in enumerate(abreast):
                left = place * (width + 24)
                drawing.lines(left, drawing.lines(left, y + 4, head, "h"), text, "q")
                _panel(drawing, data, members, _Time(rows, left + 64, left + width - 2), top)
            y = top + 132

    return _chart(data, name, title, rows, draw)


def _panel(drawing: Drawing, data: "SiteData", rows: list[dict], time: _Time, top: float) -> None:
    """Rows of one unit in steps of ten; nought, which has no logarithm, has the lowest line to itself."""
    bottom, numbers = top + 88, _numbers(rows)
    bounds = [row for row in rows if row["value"] is None]
    room = [2 * row["low"] for row in bounds if row["high"] is None]  # for arrows
    room += [row["high"] / 2 for row in bounds if row["low"] is None]
    above = [n for n in numbers + room if n > 0] or [Decimal(1)]
    marks = powers(min(above), max(above))
    names = [amount(Decimal(mark), rows[0]["unit"]) for mark in marks]
    if min(numbers) <= 0:
        marks, names = [marks[0] / 10, *marks], [amount(Decimal(0), rows[0]["unit"]), *names]
    scale = logarithmic(marks[0], marks[-1], bottom, top)
    every = 2 if len(marks) > 6 else 1
    drawing.grid([(scale(m), "" if i % every else names[i]) for i, m in enumerate(marks)], time.left, time.right)
    time.draw(drawing, top, bottom)
    for row in rows:
        time.mark(drawing, data, row, scale)


# --- plan and outcome --------------------------------------------------------------------------------------


def system_deficits(data: "SiteData") -> Chart:
    """The deficits of systems by financial year: the plan and the current figure of each record."""
    cells = defaultdict(list)
    for record in _current(data, "deficit"):
        system = data.organisations[record["organisation_id"]]["type"] == "system"
        if system and record["measure"] == "deficit" and is_financial_year(record["period"]):
            cells[record["organisation_id"], record["period"]].append(record)
    sizes = {key: size for key, records in cells.items() if (size := _size(records)) is not None}
    years = sorted({year for _, year in cells})
    largest = {i: max((n for key, n in sizes.items() if key[0] == i), default=Decimal(-1)) for i, _ in cells}
    ids = sorted(largest, key=lambda i: (-largest[i], i))
    shown = [_plan_and_current(data, r) for i in ids for year in years for r in cells.get((i, year), ())]
    rows = [row for members in shown for row in members]
    year, _ = Counter(year for _, year in sorted(sizes)).most_common(1)[0] if sizes else ("", 0)
    of_year = [size for key, size in sizes.items() if key[1] == year]
    title = f"{sum(size > 0 for size in of_year)} of {len(of_year)} systems with a figure for all of {year} have a"
    title += " deficit as their current figure"

    def draw(drawing: Drawing) -> None:
        left, above = (260, 0) if drawing.width == WIDE else (0, 20)  # the name beside the cells, or above them
        y, step = _key(drawing, data, rows) + 4, (drawing.width - left) / max(len(years), 1)
        for place, year in enumerate(years):
            drawing.text(left + place * step + 4, y, year, "h")
        for i in ids:
            drawing.text(4, y + 20, clip(data.organisations[i]["name"].removesuffix(" system"), left or drawing.width))
            height = 20 * max(len(cells.get((i, year), ())) for year in years)
            for place, year in enumerate(years):
                if (i, year) in sizes:
                    shade = sum(sizes[i, year] > step for step in STEPS)
                    drawing.rect(left + place * step, y + 6 + above, step - 3, height, f"heat heat{shade}")
                for line, record in enumerate(cells.get((i, year), ())):
                    point = left + place * step + 4, y + 20 + above + 20 * line
                    _chips(drawing, data, _plan_and_current(data, record), *point)
            y += height + 3 + 1.25 * above

    return _chart(data, "system-deficits", title, rows, draw)


def _plan_and_current(data: "SiteData", record: dict) -> list[dict]:
    """The plan of a record, if it has a figure, and its current claim, if it is another."""
    plan = derive.planned_claim(data.model.records[record["record_id"]]) or {"id": None}
    said = [s for s in _figured(record) if s["id"] in (plan["id"], record["current"]["id"])]
    said.sort(key=lambda s: s is record["current"])
    return [_row(s, deficit_support=record["deficit_support"]) for s in said]


def _size(records: list[dict]) -> Decimal | None:
    """The largest current figure for a whole year, not after deficit support where there is another; None without."""
    whole = [r for r in records if r["current"]["stage"] not in PART]
    return max(
        (_place(r["current"]) for r in [r for r in whole if r["deficit_support"] != "after"] or whole), default=None
    )


def _chips(drawing: Drawing, data: "SiteData", rows: list[dict], x: float, y: float) -> None:
    """Each row as its mark and a number of millions."""
    for row in rows:
        shape, kind = LOOKS[row["stage"]]
        text = "–".join(f"{n / 1_000_000:,.4g}".replace("-", "−") for n in _numbers([row]))
        text = SIGNS.get(row["qualifier"], "") + text
        with _link(drawing, data, row):
            drawing.path([(x + 5, y - 4)], f"m {kind}", SHAPES[shape])
            drawing.text(x + 13, y, text)
        x += 18 + 7.4 * len(text)
    if rows[0]["deficit_support"]:
        drawing.text(x, y, rows[0]["deficit_support"][0].upper(), "q")


def promise_and_outcome(data: "SiteData") -> Chart:
    """Plan against outcome of every record with a figure of both, in per cent of the plan where that says something."""
    pairs = [o for r in data.records.values() if (o := not r["withdrawn"] and data.outcome(r))]
    pairs = [o for o in pairs if o["plan"]["figure"] and o["outcome"]["figure"]]
    order = list(data.measures)
    pairs.sort(key=lambda o: (order.index(o["plan"]["measure"]), -_percent(o), o["plan"]["record_id"]))
    rows = [
        _row(o[side], percent_of_plan=side == "outcome" and o["percent"] or None)
        for o in pairs
        for side in ("plan", "outcome")
    ]
    met = sum(o["plan"]["value"] == o["outcome"]["value"] is not None for o in pairs)
    title = f"Of {len(pairs)} plans with a known outcome in figures, {met} ended at the planned figure"

    def draw(drawing: Drawing) -> None:
        scale = linear(0, max([100, *map(_percent, pairs)]), 8, drawing.width - 8)
        y, measure = _key(drawing, data, rows), None
        for pair in pairs:
            if pair["plan"]["measure"] != measure:
                measure = pair["plan"]["measure"]
                drawing.text(0, y + 14, data.measures[measure]["name"], "h")
                y += 24
            _dumbbell(drawing, data, pair, scale, y)
            y += 58

    return _chart(data, "promise-and-outcome", title, rows, draw)


def _percent(pair: dict) -> Decimal:
    """The outcome in per cent of the plan; −1 where per cent say nothing."""
    return pair["outcome"]["value"] * 100 / pair["plan"]["value"] if pair["percent"] else Decimal(-1)


def _dumbbell(drawing: Drawing, data: "SiteData", pair: dict, scale: Scale, y: float) -> None:
    plan, outcome = _row(pair["plan"]), _row(pair["outcome"])
    figures = f"{plan['figure']} → {outcome['figure']}" + (f" ({pair['percent']})" if pair["percent"] else "")
    drawing.text(0, y + 12, clip(f"{_body(plan['organisation_name'])}, {period(plan['period'])}", drawing.width))
    drawing.text(0, y + 28, figures, "q")
    ends = [(scale(100), y + 42), (scale(_percent(pair)), y + 42)] if pair["percent"] else [(8, y + 42), (24, y + 42)]
    if pair["percent"]:
        drawing.path([(scale(0), y + 42), (drawing.width - 8, y + 42)], "grid")
        drawing.path(ends, "base")
    for point, row in zip(ends, (plan, outcome), strict=True):
        with _link(drawing, data, row):
            drawing.path([point], f"m {LOOKS[row['stage']][1]}", SHAPES[LOOKS[row["stage"]][0]])


# --- where, and what was looked for ------------------------------------------------------------------------


def where(data: "SiteData") -> Chart:
    """Boards of before April 2026 as tiles: how many records are about each board, its system and their trusts."""
    bodies = [data.organisations[r["organisation_id"]] for r in data.records.values() if not r["withdrawn"]]
    about = Counter(body["organisation_id"] for body in bodies) + Counter(body["parent_id"] for body in bodies)
    rows = []
    for tile in read_rows(FOLDER / "tiles.csv"):
        board = data.organisations[tile["organisation_id"]]
        row = {name: board[name] for name in ("organisation_id", "name", "region")} | tile
        rows.append(row | {"records": about[board["parent_id"]]})
    names = [row["name"].removeprefix("NHS ").removesuffix(" Integrated Care Board") for row in rows]
    words = [f"{name} ({row['records']})" for name, row in zip(names, rows, strict=True)]
    most, least = (pick(zip(rows, words, strict=True), key=lambda i: i[0]["records"])[1] for pick in (max, min))
    title = f"Of all areas, most records are about {most}, fewest about {least}"

    def draw(drawing: Drawing) -> None:
        size = min(drawing.width, 480) / (1 + max(int(row["column"]) for row in rows))
        for row, text in zip(rows, words, strict=True):
            x, y, shade = int(row["column"]) * size, int(row["row"]) * size, sum(row["records"] >= n for n in HEAT)
            known = row["organisation_id"] in data.shown_organisations
            with drawing.link(f"organisations/{row['organisation_id']}/" if known else "coverage/", text):
                drawing.rect(x, y, size - 2, size - 2, f"heat heat{shade}")
                drawing.text(x + size / 2 - 1, y + size / 2 - 3, row["label"], "c")
                drawing.text(x + size / 2 - 1, y + size / 2 + 13, row["records"], "c h")

    return _chart(data, "where", title, rows, draw, words)


def coverage(data: "SiteData") -> Chart:
    """For each type of organisation, region and year: how many have a record, were searched in vain, or were not."""
    key = ("organisation_type", "region", "financial_year")
    counts = defaultdict(Counter)
    for cell in data.tables["coverage"]:
        counts[tuple(cell[name] or "no region" for name in key)][cell["coverage"]] += 1
    order = sorted(counts, key=lambda place: (TYPES.index(place[0]), *place[1:]))
    rows = [dict(zip(key, place, strict=True)) | {state: counts[place][state] for state in STATES} for place in order]
    sums = sum(counts.values(), Counter())
    found, searched, unknown = (f"{round(100 * sums[state] / sums.total())}%" for state in STATES)
    title = (
        f"Of all organisations and years, {found} have a record, {searched} were searched in vain, {unknown} not yet"
    )
    words = [", ".join([data.types[row[key[0]]]["name"], row[key[1]], row[key[2]]]) for row in rows]
    words = [
        f"{text}: " + ", ".join(f"{row[s]} {data.label('coverage', s)}" for s in STATES)
        for text, row in zip(words, rows, strict=True)
    ]

    def draw(drawing: Drawing) -> None:
        y = drawing.key([(data.label("coverage", state), "square", kind) for state, kind in STATES.items()])
        years, kind, region = sorted({row["financial_year"] for row in rows}), None, None
        step = drawing.width / len(years)
        for row, text in zip(rows, words, strict=True):
            x = years.index(row["financial_year"]) * step
            if row["organisation_type"] != kind:
                kind, y = row["organisation_type"], y + 40
                drawing.text(0, y - 24, data.types[kind]["name"], "h")
                for place, year in enumerate(years):
                    drawing.text(place * step, y - 7, year, "q")
            if (kind, row["region"]) != region:
                region, y = (kind, row["region"]), y + 40
                drawing.text(0, y - 29, row["region"])
            _bar(drawing, row, text, (x, y - 24), step - 4)

    return _chart(data, "coverage", title, rows, draw, words)


def _bar(drawing: Drawing, row: dict, words: str, corner: tuple[float, float], width: float) -> None:
    """One stacked bar of three shares, with the first as a number, linked to the full table."""
    (x, y), whole = corner, sum(row[state] for state in STATES)
    with drawing.link("coverage/", words):
        for state, kind in STATES.items():
            part = width * row[state] / whole
            drawing.rect(x, y, part, 18, kind)
            x += part
        drawing.text(corner[0] + 4, y + 13, f"{round(100 * row['found'] / whole)}%")
