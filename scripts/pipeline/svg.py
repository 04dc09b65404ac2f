"""Drawings as SVG: scales, ticks, text and marks, in the user units of a viewBox. Every text in them is escaped."""

import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from math import ceil, floor, log10

from .render import plain

LINE = 16  # from one line of text to the next
LETTER = 6.9  # a letter's width at most, on average, at the 12 units of charts.css
SHAPES = {  # relative to the point that they mark
    "circle": "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
    "square": "m-4-4h8v8h-8z",
    "diamond": "m0-5.5l5.5 5.5-5.5 5.5-5.5-5.5z",
    "triangle": "m0-5l5 9h-10z",
    "cross": "m-4-4l8 8m0-8l-8 8",
}
ENDS = {"x": "m0-5v10", "y": "m-5 0h10"}  # of a range, by the axis on which it lies
ARROWS = {  # from a bound to where the figure may lie
    ("x", "low"): "m0-5v10m0-5h14m-4-3l4 3-4 3",
    ("x", "high"): "m0-5v10m0-5h-14m4-3l-4 3 4 3",
    ("y", "low"): "m-5 0h10m-5 0v-14m-3 4l3-4 3 4",
    ("y", "high"): "m-5 0h10m-5 0v14m-3-4l3 4 3-4",
}
Scale = Callable[[float | Decimal], float]


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """From low … high to start … end."""
    span = float(high - low) or 1.0
    return lambda value: start + (float(value) - float(low)) / span * (end - start)


def logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    """As linear, of the decimal logarithm; what is below low stands at low."""
    inner = linear(log10(low), log10(high), start, end)
    return lambda value: inner(log10(max(float(value), low)))


def ticks(low: float, high: float) -> list[int]:
    """Four to nine round numbers, whole, from the one below low to the one above high."""
    size = max(float(high) - float(low), 1.0) / 6
    power = 10 ** floor(log10(size))
    step = max(1, int(next(n * power for n in (1, 2, 5, 10) if n * power >= size)))
    return [n * step for n in range(floor(float(low) / step), ceil(float(high) / step) + 1)]


def powers(low: float | Decimal, high: float | Decimal) -> list[float]:
    """The powers of ten from the one below low, which is above nought, to the one above high, two at least."""
    first = floor(log10(low))
    return [10**n for n in range(first, max(ceil(log10(high)), first + 1) + 1)]


def wrap(text: str, width: float) -> list[str]:
    """A text in lines of a width in units."""
    return textwrap.wrap(text, max(8, int(width / LETTER)))


def clip(text: str, width: float) -> str:
    """A text that fits a width in units, with … where it was cut."""
    most = max(2, int(width / LETTER))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def safe(text: object) -> str:
    """A text for an element or an attribute, of HTML as of XML: no markup, and no character that XML forbids."""
    return str(plain(re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", str(text))))


def number(value: float) -> str:
    return f"{round(value, 1):g}"


class Drawing:
    """What has been drawn so far, of a width; height is how far down it reaches. root: where links start from."""

    def __init__(self, width: int, root: str):
        self.width, self.root, self.height, self.parts = width, root, 0.0, []

    def text(self, x: float, y: float, words: object, kind: str = "") -> None:
        self._add(f'<text{_class(kind)} x="{number(x)}" y="{number(y)}">{safe(words)}</text>', y + 6)

    def lines(self, x: float, y: float, lines: list[str], kind: str = "") -> float:
        """Draw lines of text from y down; returns where the next one would stand."""
        for place, words in enumerate(lines):
            self.text(x, y + place * LINE, words, kind)
        return y + len(lines) * LINE

    def rect(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        box = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        self._add(f'<rect class="{kind}" {box}/>', y + height)

    def path(self, points: list[tuple[float, float]], kind: str, tail: str = "") -> None:
        """A line through points, and from the last one on as the tail says."""
        way = "L".join(f"{number(x)} {number(y)}" for x, y in points)
        self._add(f'<path class="{kind}" d="M{way}{tail}"/>', max(y for _, y in points) + 7)

    def figure(
        self, place: Callable[[Decimal], tuple[float, float]], row: dict, axis: str, shape: str, kind: str
    ) -> None:
        """A claim's figure: a shape for a point, a bar for a range, an arrow for a bound, which is never a point.

        place: where a value stands; axis: "x" or "y", along which values grow; kind: a class.
        """
        low, high = row["low"], row["high"]
        if row["value"] is not None:
            self.path([place(row["value"])], f"m {kind}", SHAPES[shape])
        elif low is not None and high is not None:
            self.path([place(high), place(low)], f"m o {kind}", ENDS[axis])
            self.path([place(high)], f"m o {kind}", ENDS[axis])
        else:
            side, bound = ("low", low) if low is not None else ("high", high)
            self.path([place(bound)], f"m o {kind}", ARROWS[axis, side])

    def key(self, items: list[tuple[str, str, str]]) -> float:
        """Draw at the top what marks mean: words, shape and class of each; returns where the drawing goes on."""
        x, y = 0.0, 14
        for words, shape, kind in items:
            step = 26 + LETTER * len(words)
            if x + step > self.width:
                x, y = 0.0, y + LINE + 2
            self.path([(x + 6, y - 4)], f"m {kind}", SHAPES[shape])
            self.text(x + 15, y, words, "q")
            x += step
        return y + LINE + 4

    def grid(self, marks: list[tuple[float, str]], left: float, right: float) -> None:
        """A line across at each mark's height, with its words before it."""
        for y, words in marks:
            self.path([(left, y), (right, y)], "grid")
            self.text(left - 6, y + 4, words, "q e")

    @contextmanager
    def link(self, address: str, words: str = "") -> Iterator[None]:
        """What is drawn inside leads to an address below the root; words: what it is, where no text inside says so."""
        self.parts.append(f'<a href="{safe(self.root + address)}">')
        if words:
            self.parts.append(f"<title>{safe(words)}</title>")
        yield
        self.parts.append("</a>")

    def _add(self, part: str, bottom: float) -> None:
        self.parts.append(part)
        self.height = max(self.height, bottom)

    def body(self) -> str:
        return "".join(self.parts)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
