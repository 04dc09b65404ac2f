"""Read the figures out of the words in which a source states them.

A record keeps the typed figure and beside it the words, such as "cutting around 600 jobs". This module reads
the number, its bounds, unit and recurrence from the words alone, so that a slip in typing cannot pass.

Four steps, each linear in the length of the words: `_tidy` settles the spelling and `_not_figures` blanks out
dates and labels; `_tokens` cuts the words up and names what words.txt knows; `_figures` finds the
numbers and their units; `_read` adds the qualifier and recurrence. Numbers are Decimal throughout: money in
whole pounds, percent 0-100, bracket or minus negative.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain, pairwise, takewhile
from pathlib import Path

MAX_LENGTH = 1000  # characters; a figure phrase has at most 12 words, so anything longer is not one
MAX_DIGITS = 15  # digits in one number; keeps every product below Decimal's 28 significant digits

SLOT = {"exact": "value", "about": "value", "more_than": "low", "at_least": "low", "nearly": "high", "up_to": "high"}
QUALIFIERS = (*SLOT, "between", "unquantified")
_MIRROR = {"more_than": "nearly", "nearly": "more_than", "at_least": "up_to", "up_to": "at_least"}

# Headers of table columns: what one unit of a bare number in the column stands for.
_POUNDS = {"£": 1, "£k": 10**3, "£000": 10**3, "£m": 10**6, "£bn": 10**9}
HEADERS = {heading: (factor, "GBP") for heading, factor in _POUNDS.items()} | {"%": (1, "percent")}
HEADERS |= {unit: (1, unit) for unit in ("wte", "posts", "people", "beds")}
HEADERS |= {f"{heading} surplus": (factor, "GBP") for heading, factor in _POUNDS.items()}  # a deficit in brackets
_DENOMINATORS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 100)  # "one in ten" is a share, "16 of the 42" is not
_UNITS = ("GBP", "GBP_per_head", "percent", "posts", "wte", "people", "beds", "times")
_STAFF = ("posts", "wte", "people")
_RANK = {"times": 0, "people": 1, "posts": 2, "wte": 3, "beds": 3}  # "staff posts" are posts, "WTE posts" WTE


def _lexicon() -> dict[str, dict[str, str]]:
    """phrase -> {kind: meaning}, from words.txt."""
    lexicon: dict[str, dict[str, str]] = {}
    text = Path(__file__).with_name("words.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=\S)", re.sub("(?m)^#.*\n", "", text).strip()):
        head, phrases = entry.split(maxsplit=1)
        kind, _, meaning = head.partition("=")
        for phrase in phrases.split(";"):
            phrase, _, own = " ".join(phrase.split()).partition(":")
            lexicon.setdefault(phrase, {})[kind] = own or meaning
    return lexicon


LEXICON = _lexicon()


def _any_of(*kinds: str) -> str:
    """A pattern for the phrases of these kinds, the longest first; "one off" is also "one-off", "p a" "p.a"."""
    phrases = sorted((phrase for phrase in LEXICON if LEXICON[phrase].keys() & kinds), key=len, reverse=True)
    return "|".join(re.escape(phrase).replace(r"\ ", r"[-.\ ]\ ?") for phrase in phrases)


@cache
def _not_figures() -> re.Pattern[str]:
    """Numbers that are no figures (dates, clock times, labels, foreign money), with the words that make them so."""
    text = Path(__file__).with_name("not_figures.txt").read_text(encoding="utf-8")
    _, parts, pattern = text.split("\n\n")
    for line in parts.splitlines():
        name, _, part = line.partition(" = ")
        pattern = pattern.replace(f"<{name}>", part)
    return re.compile(re.sub("<([a-z ]+)>", lambda m: _any_of(*m[1].split()), pattern), re.VERBOSE)


_BLANK = "¤"
_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]*\.[0-9]+|[0-9]+")
_PLAIN = re.compile("[ -~£]*")
_CHARACTERS = str.maketrans(
    {"½": " and a half ", "¼": " and a quarter ", "¾": " and three quarters ", "—": " - ", "İ": "I"}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u201b\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033", '"')
)


@dataclass(frozen=True)
class Reading:
    """One figure as the words give it.

    `value` is set for exact and about; `low` for more_than (exclusive) and at_least (inclusive); `high` for
    nearly (exclusive) and up_to (inclusive); both for between; none for unquantified ("hundreds of jobs").
    `unit`: GBP, GBP_per_head, percent, posts, wte, people, beds, times, or None where the words do not say.
    `recurrence`: yearly, one_off or None. `text`: the words it was read from, tidied.
    """

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: str
    unit: str | None
    recurrence: str | None
    text: str

    def numbers(self) -> list[Decimal]:
        return [v for v in (self.value, self.low, self.high) if v is not None]


@dataclass(frozen=True)
class _Token:
    text: str  # lower case; a phrase joined by single spaces
    kinds: dict[str, str]
    start: int
    end: int
    gap: bool  # white space, or the start of the words, stands before it
    number: Decimal | None = None

    def is_a(self, *kinds: str) -> bool:
        return not self.kinds.keys().isdisjoint(kinds)


# Every list of tokens ends with some of these, so that tokens[i + 2] and, for i = 0, tokens[i - 1] always exist.
_END = _Token("", {}, 0, 0, True)


@dataclass
class _Figure:
    first: int  # index of its first token
    last: int  # index after its last token, its noun included
    number: Decimal | None  # without scale; None when vague
    scale: int = 1
    unit: str | None = None
    negative: bool = False
    upper: Decimal | None = None  # the second number of a range, scaled
    core: int = 0  # index after the number itself, before the noun it counts

    @property
    def amount(self) -> Decimal:
        amount = (self.number or Decimal(0)) * self.scale * (-1 if self.negative else 1)
        return Decimal(int(amount)) if amount == int(amount) else amount  # 4500000000, not 4500000000.0


def _tidy(words: str) -> str:
    """One spelling for dashes, quotes, spaces and digits; footnote marks and invisible characters dropped."""
    tidy = words.translate(_CHARACTERS)
    if not _PLAIN.fullmatch(tidy):
        kept = (c for c in tidy if unicodedata.category(c) not in ("No", "Cf"))
        tidy = unicodedata.normalize("NFKC", "".join(kept)).translate(_CHARACTERS)
    tidy = " ".join(tidy.split())
    tidy = re.sub(r"£\(([0-9][0-9,.]*)\)|\(£([0-9][0-9,.]*)\)(?=[a-zA-Z])", r"-£\1\2", tidy)  # £(3.1)m, (£3.1)m
    tidy = re.sub("£ ?[0-9]{1,3}(?: [0-9]{3})+(?![0-9])", lambda m: m.group().replace(" ", ","), tidy)  # £4 500
    tidy = re.sub(r"(£[0-9]{1,3}),([0-9]{1,2})(?= ?(?:[mM]|[bB])(?:n|illion)?\b)", r"\1.\2", tidy)  # £117,4m
    return tidy.replace("£-", "-£")


@cache
def _token_pattern() -> re.Pattern[str]:
    """A blank, a known phrase, a number, a word, or any other character; for lower case."""
    kinds = {kind for known in LEXICON.values() for kind in known}
    phrase = rf"(?:{_any_of(*kinds)})(?![a-z])(?<![0-9](?=[0-9]))"
    number = r"(?<![^\s£(-])\.[0-9]+|[0-9]+(?:[,.:][0-9]+)*"
    return re.compile(rf"{_BLANK}+|(?P<phrase>{phrase})|(?P<number>{number})|[a-z]+(?:'[a-z]+)*|\S")


def _tokens(text: str) -> list[_Token]:
    """Known phrases, numbers, other words and marks; "1,09", a clock time and an absurdly long number are none.

    The text is in lower case.
    """
    tokens = []
    for m in _token_pattern().finditer(text):
        word, gap, number = m.group(), not m.start() or text[m.start() - 1] == " ", None
        if m["phrase"]:
            word = re.sub("[-. ]+", " ", word)
        elif m["number"] and _NUMBER.fullmatch(word) and sum(c.isdigit() for c in word) <= MAX_DIGITS:
            number = Decimal(word.replace(",", ""))
        tokens.append(_Token(word, LEXICON.get(word, {}), m.start(), m.end(), gap, number))
    return tokens + [_END] * 10


def _figures(tokens: list[_Token]) -> list[_Figure]:
    """All figures, in order, without qualifier; ranges and shares ("one in ten") already joined."""
    out: list[_Figure] = []
    i = 0
    while tokens[i] is not _END:
        figure = _figure(tokens, i)
        i = figure.last if figure else i + 1
        if figure and figure.unit != "foreign":
            pair = _pair(tokens, out[-1], figure) if out else None
            out[-1:] = [pair] if pair else [*out[-1:], figure]
    if not out and not any(token.is_a("negation") for token in tokens):  # "unable to break even"
        out = [_ready(token.kinds["alone"], i) for i, token in enumerate(tokens) if token.is_a("alone")][:1]
    return out


def _ready(meaning: str, i: int) -> _Figure:
    """A figure that words.txt gives ready-made: "2_times" for doubled, "0_posts" for no jobs, "" for hundreds."""
    number, _, unit = meaning.partition("_")
    return _Figure(i, i + 1, Decimal(number) if number else None, unit=unit or None, core=i + 1)


def _figure(tokens: list[_Token], i: int) -> _Figure | None:
    """The figure that starts at token `i`: sign, currency, number, scale, percent or pounds, per head, unit."""
    if tokens[i].is_a("ready"):
        return _with_unit(tokens, _ready(tokens[i].kinds["ready"], i))
    start, alone = i, tokens[i].gap or tokens[i - 1].text in "(:/'\""
    negative = tokens[i].text == "minus" or (tokens[i].text == "-" and alone and not tokens[i + 1].gap)
    i += negative
    money = tokens[i].text in ("£", "gbp")
    i += money
    figure = _share(tokens, i) if tokens[i].is_a("share") else _amount(tokens, i, money)
    if figure is None:
        return None
    figure.first, figure.negative = start, negative
    figure.unit = "GBP" if money else figure.unit
    bare = tokens[i].text == "one" and figure.amount == 1
    figure = _with_unit(tokens, figure)
    after = tokens[figure.core + (tokens[figure.core].text == "-")]
    if bare and figure.core == figure.last and not after.is_a("noun", "after_one"):
        return None  # "one would hope"
    return figure


def _with_unit(tokens: list[_Token], figure: _Figure) -> _Figure:
    """Take in %, pounds and per head right after a number, or else the noun that follows it."""
    step = tokens[figure.last].text == ("of" if figure.number is None else "-")
    mark = tokens[figure.last + step].kinds.get("mark")
    if mark and (mark != "percent" or figure.unit is None):
        figure.unit, figure.last = mark, figure.last + step + 1
    if figure.unit == "GBP" and tokens[figure.last].is_a("head"):
        figure.unit, figure.last = "GBP_per_head", figure.last + 1
    figure.core = figure.last
    if figure.unit is None:
        figure.unit, figure.last = _unit_after(tokens, figure.last)
    return figure


def _amount(tokens: list[_Token], i: int, money: bool) -> _Figure | None:
    """Digits or spelled numbers with their scale: 4.5bn, six hundred, one and a half billion, a million."""
    first, token = i, tokens[i]
    if token.number is not None:
        number, i = token.number, i + 1
    elif token.is_a("number"):
        number, i = _spelled(tokens, i)
    elif token.text in ("a", "an", "another") and tokens[i + 1].is_a("long_scale"):
        number, i = Decimal(1), i + 1
    else:
        return None
    if tokens[i].is_a("and_part"):
        number, i = number + Decimal(tokens[i].kinds["and_part"]), i + 1
    scale, i = _scale(tokens, i, money)
    return _Figure(first, i, number, scale)


def _scale(tokens: list[_Token], i: int, money: bool) -> tuple[int, int]:
    """The product of the scale words at `i`, and the index after them; "5 m" needs a pound sign."""
    scale = 1
    while scale <= 10**9:
        j = i + (tokens[i].text == "-" and not tokens[i + 1].gap)
        token = tokens[j]
        if not token.is_a("scale") or (len(token.text) == 1 and token.gap and not money):
            break
        scale, i = scale * int(token.kinds["scale"]), j + 1
    return scale, i


def _spelled(tokens: list[_Token], i: int) -> tuple[Decimal, int]:
    """A number in words from `i`, and the index after it; a last scale above hundred is left to `_scale`."""
    total, part, start = 0, 0, i
    while True:
        joint = i > start and tokens[i].text in ("and", "-")
        digit = int(tokens[i + joint].kinds.get("number", -1))
        if digit >= 0 and (part % 100 == 0 or (part % 100 >= 20 and part % 10 == 0 and 0 < digit < 10)):
            part, i = part + digit, i + 1 + joint
        elif tokens[i].text == "hundred" and 0 < part < 100:
            part, i = part * 100, i + 1
        elif tokens[i].is_a("long_scale") and part and tokens[i + 1 + (tokens[i + 1].text == "and")].is_a("number"):
            total, part, i = total + part * int(tokens[i].kinds["scale"]), 0, i + 1
        else:
            return Decimal(total + part), i


def _share(tokens: list[_Token], i: int) -> _Figure | None:
    """Half, a third, 3/4 as percent; "half a billion" and "a quarter of a million" as numbers."""
    token, following, after = tokens[i], tokens[i + 1], i + 1
    top, bottom = map(Decimal, token.kinds["share"].split("/"))
    ordinal = following.text[:1].isalpha() and not following.is_a("stop", "after_share", "recurrence", "after")
    when = tokens[i - 1].is_a("scale", "mark") and following.text != "of"
    if token.text.startswith("a ") and (ordinal or when):
        return None  # "a third round of cuts", "£5m a quarter"
    while after < i + 4 and tokens[after].text in ("of", "a", "-"):
        after += 1
    scale, end = _scale(tokens, after, False)
    if scale > 1 or tokens[end].kinds.get("mark") == "percent":
        return _Figure(i, end, top / bottom, scale)
    return _Figure(i, i + 1, 100 * top / bottom, unit="percent")


def _unit_after(tokens: list[_Token], i: int) -> tuple[str | None, int]:
    """The unit named from `i` on, and the index after its noun: "600 full-time administrative posts"."""
    unit, end = None, i
    for j in range(i, i + 7):
        token, named = tokens[j], tokens[j].kinds.get("unit")
        in_wte = token.text in ("in", "(") and tokens[j + 1].text in ("wte", "headcount")  # "600 posts (WTE)"
        if named and (named != "times" or j <= i + 1):
            unit, end = max(unit or named, named, key=_RANK.get), j + 1
        elif in_wte or token.text in ("-", "+", '"', "'"):
            continue
        elif token.is_a("duration") or (token.is_a("noun") and token.text.endswith("s")):
            return unit, end if unit else j + 1
        elif unit or not token.text[:1].isalpha() or token.is_a("stop", "number", "ready", "share"):
            break
    return unit, end  # "600 trust staff" went on after a noun in the singular


def _pair(tokens: list[_Token], a: _Figure, b: _Figure) -> _Figure | None:
    """The one figure that `a` and `b` make, or None; two that stay apart may still share scale and unit."""
    if a.number is None or b.number is None or a.upper is not None or b.first - a.last > 8:
        return None
    links = [t.text for t in tokens[a.last : b.first] if not t.is_a("qualifier", "filler")]
    links = [text for text in links if text != "-"] or links[:1]
    if not links:
        return None
    counted = a.unit is None and b.unit not in ("GBP", "percent", "times") and a.scale == b.scale == 1
    if links in (["in"], ["in", "every"], ["out", "of"]) and counted and a.number < b.number in _DENOMINATORS:
        return _Figure(a.first, b.last, 100 * a.number / b.number, unit="percent", core=b.core)
    lead = [""] + [t.text for t in tokens[max(0, a.first - 9) : a.first] if not t.is_a("qualifier", "filler")]
    joined = links in (["-"], ["to"]) or (lead[-1] == "between" and links[-1] in ("and", "to", "-"))
    if joined and None in (a.unit, b.unit):
        a.unit = b.unit = a.unit or b.unit
    listed = links == ["and"] and a.unit == "GBP"  # "packages of £44 and £10 million"
    if (joined or listed) and a.unit == b.unit and a.scale == 1 < b.scale and a.number < 1000:
        a.scale = b.scale
    moved = lead[-1] == "from" or (lead[-1] == "by" and b.amount > 10 * a.amount)  # "by a further 457 to 7,863"
    stays = links == ["to"] and moved  # "from £80-90m" is a range all the same
    rising = a.amount < b.amount and not (a.negative or b.negative)
    if joined and not stays and a.unit == b.unit and rising:
        return replace(a, last=b.last, core=b.core, upper=b.amount)
    return None


def _qualifier(tokens: list[_Token], figure: _Figure, floor: int, ceiling: int) -> tuple[str, int, int]:
    """Qualifier of a figure between `floor` and `ceiling`, and the span of its words. A bound beats "about"."""
    found, first, last = "exact", figure.first, figure.last
    for i in range(figure.first - 1, max(floor, figure.first - 9) - 1, -1):
        token, here = tokens[i], tokens[i].kinds.get("qualifier")
        stretch = token.text == "over" and tokens[figure.last - 1].is_a("duration")  # "over three years"
        if stretch or not (here or token.is_a("filler") or token.text in ("'", '"', ".", "-")):
            break
        if here:
            found, first = (here if found in ("exact", "about") else found), i
    for i in range(figure.core, min(ceiling, figure.last + 3)):
        token = tokens[i]
        added = token.text in ("+", "plus") and token.gap and tokens[i + 1].text and not tokens[i + 1].is_a("unit")
        if token.is_a("after") and found in ("exact", "about") and not added:  # "£412,400 plus VAT"
            found, last = token.kinds["after"], max(last, i + 1)
        if token.is_a("stop") or token.text in ("(", ")", ",", ".", ";"):
            break
    return found, first, last


def _unit_before(tokens: list[_Token], figure: _Figure, start: int, floor: int) -> str | None:
    """posts, wte, people or beds in "headcount by 600", "WTE reduction of 450"."""
    if not tokens[start - 1].text.endswith(("by", "of", "to", ":")) or tokens[figure.last - 1].is_a("noun", "duration"):
        return None
    named = (tokens[i].kinds.get("unit") for i in range(start - 2, max(floor, start - 6) - 1, -1))
    return next((unit for unit in named if unit and unit != "times"), None)


def _recurrence(tokens: list[_Token], figure: _Figure, floor: int, ceiling: int) -> str | None:
    """yearly or one_off: "recurrent savings of" shortly before the figure, or "a year" after it."""
    before = reversed(tokens[max(floor, figure.first - 5) : figure.first])
    near = takewhile(lambda token: token.text not in ("and", ",", ";"), before)
    found = (token.kinds.get("recurrence") for token in chain(near, tokens[figure.core : ceiling]))
    return next(filter(None, found), None)


def _read(words: str, unit: str | None) -> Iterator[Reading]:
    if len(words) > MAX_LENGTH or len(tidy := _tidy(words)) > MAX_LENGTH:
        return
    number = unit and _NUMBER.fullmatch(tidy)  # under a heading "2024" is a number, elsewhere a year
    lower = "May".join(part.lower() for part in tidy.split("May"))  # the month, which "may" is not
    tokens = _tokens((lower if number else _not_figures().sub(lambda m: _BLANK * len(m.group()), lower)).lower())
    figures = _figures(tokens)
    floors = [0] + [figure.last for figure in figures]
    ceilings = [figure.first for figure in figures[1:]] + [len(tokens)]
    for figure, floor, ceiling in zip(figures, floors, ceilings, strict=False):
        qualifier, first, last = _qualifier(tokens, figure, floor, ceiling)
        named, factor = figure.unit or _unit_before(tokens, figure, first, floor), 1
        if unit and named is None and figure.scale == 1:
            factor, named = HEADERS[unit]
        if re.fullmatch(r"(?:\([^()\s]+\)\s?)+", tidy) and (unit or named != "percent"):
            figure.negative = True  # a cell of an account
        amount, slots = figure.amount * factor, {}
        if figure.number is None:
            qualifier = "unquantified"
        elif figure.upper is not None:
            qualifier, slots = "between", {"low": amount, "high": figure.upper * factor}
        else:
            slots = {SLOT[qualifier]: amount}
        often, text = _recurrence(tokens, figure, floor, ceiling), tidy[tokens[first].start : tokens[last - 1].end]
        yield Reading(*map(slots.get, ("value", "low", "high")), qualifier, named, often, text)


def readings(words: str, *, unit: str | None = None) -> list[Reading]:
    """Every figure in `words`, in order; [] for none, and for words longer than MAX_LENGTH characters.

    `unit` is the heading of a table column (see HEADERS): it gives bare numbers their unit and scale.
    "Hundreds of jobs" is one unquantified reading, and so is "a surplus" without a figure; "break even" and
    "no jobs" are 0. Sums in other currencies are left out.
    """
    return list(_cached(words, unit))


@lru_cache(maxsize=2**14)
def _cached(words: str, unit: str | None) -> tuple[Reading, ...]:
    """Several rules ask for the same words."""
    return tuple(_read(words, unit))


_SLIPS = {-1: "the sign is turned round", 10: "a digit lost or doubled?", 100: "a digit lost or doubled?"}
_SLIPS |= dict.fromkeys((10**3, 10**6, 10**9), "thousand, m or bn mixed up?")


@dataclass(frozen=True)
class Disagreement:
    """`field` (figure, value, low, high, qualifier or unit) was typed one way and reads another.

    `reading` is the nearest one, None where the words have no figure.
    """

    field: str
    typed: object
    found: object
    reading: Reading | None = None

    @property
    def hint(self) -> str:
        """What kind of slip it looks like."""
        if not (isinstance(self.typed, Decimal) and isinstance(self.found, Decimal) and self.typed and self.found):
            return ""
        return _SLIPS.get(max(self.typed / self.found, self.found / self.typed, key=abs), "")


def agrees(
    words: str, *, value=None, low=None, high=None, qualifier: str, unit=None, in_unit=None, deficit: bool = False
) -> list[Disagreement]:
    """Compare a typed figure with the words; [] if one of the figures in the words is the one typed.

    `value`, `low`, `high`: Decimal or int, None where not typed. `unit`: of the typed figure, None to leave it
    unchecked; a unit the words do not state is no disagreement. `in_unit`: the heading, as in `readings`. With
    `deficit`, a surplus or underspend in the words is a negative deficit, and a bracketed or minus number a
    deficit. "From 154 down to 64" also gives their difference.
    """
    given = {"value": value, "low": low, "high": high}
    typed = {field: None if number is None else Decimal(number) for field, number in given.items()}
    found = list(_candidates(words, in_unit, deficit))
    if qualifier == "unquantified":  # "no individuals have yet left" may stay words without a number
        found = [r for r in found if "duration" not in _last_word(r) and not (r.value == 0 and r.unit in _STAFF)]
    if not found and qualifier == "unquantified" and set(typed.values()) == {None}:
        return []
    if not found:
        return [Disagreement("figure", qualifier, "no figure")]
    compared = (_compare(typed, qualifier, unit, reading) for reading in found)
    return min(compared, key=lambda slips: (len(slips), _distance(typed, slips)))


_SURPLUS = ("surplus", "underspen", "better than plan", "ahead of plan", "under plan", "below plan", "under budget")
_SURPLUS += (" favourable",)
_DEFICIT = ("deficit", "overspen", "shortfall", "gap", "worse than plan", "behind plan", "adverse")


def _candidates(words: str, in_unit: str | None, deficit: bool) -> Iterator[Reading]:
    """The readings, as deficits if asked, then what "from 154 down to 64" gives together."""
    found = readings(words, unit=in_unit)
    for reading in found:
        yield from _as_deficit(reading, f"{words} {in_unit}".lower()) if deficit else [reading]
    tidy, at = _tidy(words) if found else "", 0
    for a, b in pairwise(found):
        at = max(at, tidy.find(a.text, at)) + len(a.text)
        link = tidy[at : at + 99].partition(b.text)[0]
        if a.unit == b.unit and None not in (a.value, b.value) and re.fullmatch(r"[^,;]{0,25} to (?:\w+ )?", link):
            kind = "exact" if a.qualifier == b.qualifier == "exact" else "about"
            text = f"{a.text} to {b.text}"
            yield replace(a, value=abs(a.value - b.value), qualifier=kind, text=text)
            if a.value < b.value:
                yield replace(a, value=None, low=a.value, high=b.value, qualifier="between", text=text)


def _as_deficit(reading: Reading, lowered: str) -> Iterator[Reading]:
    """The reading with a deficit as positive; both signs where the words name a surplus and a deficit."""
    turned = {name: None if v is None else -v for name, v in vars(reading).items() if name in ("value", "low", "high")}
    money = reading.unit in (None, "GBP", "GBP_per_head", "percent")
    if any(v < 0 for v in reading.numbers()):
        yield replace(reading, **turned)
    elif not money or not any(reading.numbers()) or not any(word in lowered for word in _SURPLUS):
        yield reading
    else:  # more than £5m of surplus is less than -£5m of deficit
        qualifier = _MIRROR.get(reading.qualifier, reading.qualifier)
        yield replace(reading, value=turned["value"], low=turned["high"], high=turned["low"], qualifier=qualifier)
        if any(word in lowered for word in _DEFICIT):
            yield reading


def _compare(typed: dict, qualifier: str, unit: str | None, reading: Reading) -> list[Disagreement]:
    numbers = sorted(v for v in typed.values() if v is not None)
    moved = len(numbers) == len(reading.numbers()) and all(map(_same, numbers, sorted(reading.numbers())))
    fields = () if moved and qualifier != reading.qualifier else typed  # the right number in the wrong field: one slip
    pairs = [(field, typed[field], getattr(reading, field)) for field in fields]
    out = [Disagreement(field, *pair, reading) for field, *pair in pairs if not _same(*pair)]
    if qualifier != reading.qualifier:
        out.append(Disagreement("qualifier", qualifier, reading.qualifier, reading))
    if unit and reading.unit and reading.unit != unit and (reading.unit, unit) != ("GBP", "GBP_per_head"):
        out.append(Disagreement("unit", unit, reading.unit, reading))
    uncounted = {"duration"} if unit in _STAFF else {"duration", "noun"}
    if unit in _UNITS and not reading.unit and _last_word(reading).keys() & uncounted:
        out.append(Disagreement("unit", unit, reading.text.split()[-1], reading))  # "£5m over 5 years" is not £5
    return out


def _last_word(reading: Reading) -> dict[str, str]:
    """What is known of the last word of a reading: "years" in "over 5 years"."""
    return LEXICON.get(re.split("[- ]", reading.text.lower())[-1], {})


def _same(typed: Decimal | None, found: Decimal | None) -> bool:
    """Equal; a share that never ends, such as a third, may be typed rounded to any number of places."""
    if typed is None or found is None:
        return typed is found
    places = max(0, -int(typed.as_tuple().exponent))
    return typed == found or (found.as_tuple().exponent < -20 and places < 20 and round(found, places) == typed)


def _distance(typed: dict[str, Decimal | None], slips: list[Disagreement]) -> Decimal:
    """How far off the typed numbers are, to choose between equally wrong readings."""
    one = next((v for v in typed.values() if v is not None), Decimal(0))
    other = next(iter(slips[0].reading.numbers()), Decimal(0)) if slips else one
    return abs(one - other) / max(abs(one), abs(other), Decimal(1))


def format_number(value: Decimal, unit: str | None = None) -> str:
    """A number in plain English that reads back exactly: £4.5bn, £768,000, 37%, 2,300."""
    sign, size = "-" if value < 0 else "", abs(value)
    pound, percent = "£" if unit in ("GBP", "GBP_per_head") else "", "%" if unit == "percent" else ""
    for scale, letters in ((10**9, "bn"), (10**6, "m")):
        if unit == "GBP" and size >= scale and size % (scale // 1000) == 0:
            return f"{sign}£{_plain(size / scale)}{letters}"
    return f"{sign}{pound}{_plain(size)}{percent}"


def _plain(number: Decimal) -> str:
    text = f"{round(number, 2) if number.as_tuple().exponent < -20 else number:,f}"  # a third: 33.33
    return text.rstrip("0").rstrip(".") if "." in text else text


_NOUNS = {"wte": " WTE", "GBP_per_head": " a head"} | {u: f" {u}" for u in ("posts", "people", "beds", "times")}


def describe(reading: Reading) -> str:
    """A reading in plain English: "more than 2,300 posts", "between £1bn and £1.3bn a year"."""
    noun = _NOUNS.get(reading.unit or "", "")
    if reading.qualifier == "unquantified":
        of = noun and f" of{noun}"
        return "an unstated amount of money" if reading.unit == "GBP" else f"an unstated number{of}"
    lead = "" if reading.qualifier == "exact" else reading.qualifier.replace("_", " ") + " "
    numbers = " and ".join(format_number(v, reading.unit) for v in reading.numbers())
    return lead + numbers + noun + {"yearly": " a year", "one_off": " (one-off)"}.get(reading.recurrence or "", "")
