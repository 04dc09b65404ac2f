"""Read the figures out of the words in which a source states them.

A record keeps the typed figure and beside it the words, such as "cutting around 600 jobs". This module reads
the number, its bounds, unit and recurrence from the words alone, so that a slip in typing cannot pass.

Three steps, each linear in the length of the words: `_tokens` cuts them up and names what it knows (LEXICON),
`_figures` finds the numbers and leaves out dates, labels and clock times, `_parse` adds qualifier, unit and
recurrence. Numbers are Decimal throughout: money in whole pounds, percent 0-100, bracket or minus negative.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise

MAX_LENGTH = 1000  # characters; a figure phrase has at most 12 words, so anything longer is not one
MAX_DIGITS = 15    # digits in one number; keeps every product below Decimal's 28 significant digits

_SLOT = {"exact": "value", "about": "value", "more_than": "low", "at_least": "low",
         "nearly": "high", "up_to": "high"}
QUALIFIERS = (*_SLOT, "between", "unquantified")
_UNITS = ("GBP", "GBP_per_head", "percent", "posts", "wte", "people", "beds", "times")
_MIRROR = {"more_than": "nearly", "nearly": "more_than", "at_least": "up_to", "up_to": "at_least"}

# Headers of table columns: what one unit of a bare number in the column stands for.
HEADERS = {"£": (1, "GBP"), "£k": (10**3, "GBP"), "£000": (10**3, "GBP"), "£m": (10**6, "GBP"),
           "£bn": (10**9, "GBP"), "%": (1, "percent"), "wte": (1, "wte"), "posts": (1, "posts"),
           "people": (1, "people"), "beds": (1, "beds")}

# One entry a line: kind or kind=meaning, then phrases, or phrase:meaning, with ";" between them. The longest
# phrase that fits wins, a hyphen in the words counts as a space, and a phrase may be of several kinds:
# "quarter" is a share and a label.
_WORDS = """
qualifier=about  about; around; round; roughly; approximately; approx; approximate; circa; c; ca; ~; ≈; some;
    estimated; estimated at; estimated to be; an estimated; broadly; close to; closer to; near; near to;
    nearer to; approaching; in the region of; region of; in the order of; of the order of; to the tune of
    about; somewhere around; not far off; something like; in the vicinity of; in or around
qualifier=more_than  more than; over; above; in excess of; exceeding; exceed; exceeds; exceeded; upward of;
    upwards of; greater than; higher than; larger than; north of; beyond; >; topping; could top; surpassing;
    bigger than
qualifier=at_least  at least; min; at the very least; a minimum of; minimum of; a minimum; minimum; not less
    than; no less than; no fewer than; not fewer than; not under; no lower than; not below; as few as; as
    little as; as low as; >=; ≥
qualifier=nearly  nearly; almost; under; south of; nigh on; virtually; practically; just short of; short of;
    shy of; less than; fewer than; below; lower than; not quite; <; smaller than; not far short of; within
    touching distance of
qualifier=up_to  up to; upto; as high as; as many as; as much as; as large as; as numerous as; as great as;
    no more than; not more than; nothing more than; no higher than; no greater than; not over; not above; at
    most; a maximum of; maximum of; a maximum; maximum; max; not exceeding; not to exceed; capped at; a cap
    of; cap of; limited to; could reach; may reach; might reach; <=; ≤
after=at_least  or more; or above; or over; and above; and upwards; or greater; or higher; at least; minimum
after=about  or so; or thereabouts; odd; ish; approximately; approx; give or take; or around
after=up_to  or less; or fewer; or lower; or under; or below; at most; maximum
unit=posts  post; posts; role; roles; job; jobs; position; positions
unit=wte  wte; wtes; fte; ftes; whole time equivalent; whole time equivalents; full time equivalent; full
    time equivalents; whole time equivalence; wte's; fte's
unit=people  staff; people; employees; employee; workers; worker; headcount; head count; redundancies;
    redundancy; personnel; members of staff; member of staff; staff members; colleagues; individuals; persons
unit=beds  bed; beds; bedded
unit=times  times; x; fold
percent  %; per cent; percent; pc; p c; percentage point; percentage points; % point; % points; pp; ppt; ppts
pounds  pounds; pound; sterling; pounds sterling; gbp
head  per head; a head; per person; per capita; per head of population; per weighted head
foreign  $; €; ¥; dollar; dollars; euro; euros; usd; eur; cents
scale  dozen:12; hundred:100; thousand:1_000; k:1_000; million:1_000_000; millions:1_000_000; m:1_000_000;
    m's:1_000_000; mn:1_000_000; mln:1_000_000; mil:1_000_000; milion:1_000_000; millon:1_000_000;
    billion:1_000_000_000; billions:1_000_000_000; bn:1_000_000_000; bn's:1_000_000_000; b:1_000_000_000;
    bln:1_000_000_000; billon:1_000_000_000; billlion:1_000_000_000; bilion:1_000_000_000;
    trillion:1_000_000_000_000; tn:1_000_000_000_000; trn:1_000_000_000_000
number  zero:0; nil:0; nought:0; one:1; two:2; three:3; four:4; five:5; six:6; seven:7; eight:8; nine:9;
    ten:10; eleven:11; twelve:12; thirteen:13; fourteen:14; fifteen:15; sixteen:16; seventeen:17;
    eighteen:18; nineteen:19; twenty:20; thirty:30; forty:40; fifty:50; sixty:60; seventy:70; eighty:80;
    ninety:90
fraction  half:2; halves:2; third:3; thirds:3; quarter:4; quarters:4; fifth:5; fifths:5; sixth:6; sixths:6;
    seventh:7; sevenths:7; eighth:8; eighths:8; ninth:9; ninths:9; tenth:10; tenths:10; twentieth:20;
    twentieths:20
and_part  and a half:0.5; and a quarter:0.25; and three quarters:0.75
halve  halve:50; halves:50; halved:50; halving:50
multiple  double:2; doubled:2; doubles:2; doubling:2; twice:2; twofold:2; quadruple:4; quadrupled:4;
    quadrupling:4; fourfold:4; treble:3; trebled:3; trebles:3; trebling:3; triple:3; tripled:3; triples:3;
    tripling:3; thrice:3; threefold:3; fivefold:5; tenfold:10
vague  dozens; hundreds; thousands; scores; tens; dozens of; scores of; several hundred; several thousand; a
    few hundred; a few thousand; few hundred; few thousand; a couple of hundred; couple of hundred; a couple
    of thousand; hundreds of thousands; tens of thousands; hundreds of millions; tens of millions; thousands
    of millions; several million; a few million; several billion; a few billion; millions of; billions of;
    many hundreds; many thousands; several dozen; a few dozen; several hundred million; a couple of million;
    low hundreds; hundreds and hundreds
nothing  no additional money; no new money; no extra money; no more money; no additional funding; no new
    funding; no extra funding; no additional cash; no extra cash; no new cash; no money; no additional
    resource; no additional resources; no further funding; no additional cost
balance  breakeven; break even; breaking even; broke even; balanced; in balance; a surplus; in surplus; small
    surplus; modest surplus; slight surplus; financial balance
recurrence=yearly  a year; per year; each year; every year; per annum; annually; yearly; p a; pa; recurrent;
    recurring; recurrently; / year; / yr; per yr; a yr; per annum recurrent; every single year; annual
    saving; annual savings; year after year
recurrence=one_off  one off; one time; non recurrent; non recurring; nonrecurrent; non recurrently
month  january; february; march; april; may; june; july; august; september; october; november; december; jan;
    feb; mar; apr; jun; jul; aug; sep; sept; oct; nov; dec
label  month; months; quarter; week; weeks; year; years; phase; band; bands; tier; segment; wave; page;
    table; section; level; part; step; stage; category; annex; appendix; framework; option; covid; covid 19;
    figure; chapter; round; article; no; number; paragraph; item; m; q; h; day; ward; version; p; hc; hl; cm
duration  year; years; month; months; week; weeks; day; days; hour; hours; minute; minutes; decade; decades;
    yr; yrs; quarters; weekly; financial years; working days
noun  trusts; trust; systems; system; wards; ward; hospitals; hospital; operations; icbs; icss; boards;
    board; organisations; sites; site; clusters; applications; responses; babies; votes; members; teams;
    services; centres; patients; leaders; areas; providers; regions; bed days; theatres; schemes; councils;
    respondents; countries; union members; appointments; nurses; doctors; managers; practices; times a day;
    times a week; times a year; times a month; times per week
clock  am; pm; a m; p m; o'clock; noon
filler  a; an; another; further; additional; extra; total; combined; overall; a total of; total of; the
    equivalent of; equivalent of; new; full; staggering; whopping; record; massive; huge; very
word  first half; second half; latter half; half year; half yearly; half term; half day; half time; half way;
    this half; next half; last half; half hour; half a year; half a day; half an hour; half a century; no
    one; one another; one of; one day; double digit; double digits; double running; double counting; double
    figures; double whammy; net zero; zero based; zero hours; zero tolerance; zero hour; a year ago; a year
    earlier; a year later; a year early; a year on; number one; no 10; this year; last year; next year; third
    party; a half year; nine to five; anywhere from; ranging from; ranges from; varying from; range from;
    four figure; five figure; six figure; seven figure; eight figure; nine figure; five figures; six figures;
    seven figures; one hundred days; per pound
stop  this; last; next; each; in; by; from; to; for; at; on; across; after; before; during; since; until;
    per; than; that; which; who; will; would; could; should; might; has; have; had; is; are; was; were; be;
    been; being; due; because; as; it; into; out; off; with; without; among; but; if; when; while; plus
goes_on  of; over; under; fewer; less; more; lower; higher; reduction; cut; cuts; drop; fall; decrease;
    increase; rise; smaller; bigger; said; say; reported; expect; and; or; this; next; last; compared;
    saving; savings; the
dates  in; by; since; until; during; from; before; after; for; late; early; mid; end; fy
counts  more than; fewer than; less than; in excess of; nearly; almost; as many as
negation  not; fail; fails; failed; failing; unable; without; never; gap
"""
_DENOMINATORS = frozenset(map(Decimal, (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20, 50, 100, 1000)))
_RANK = {"times": 0, "people": 1, "posts": 2, "wte": 3, "beds": 3}  # "staff posts" are posts, "WTE posts" WTE


def _lexicon() -> dict[str, dict[str, str]]:
    """phrase -> {kind: meaning}."""
    lexicon: dict[str, dict[str, str]] = {}
    for entry in re.split(r"\n(?=\S)", _WORDS.strip()):
        head, phrases = entry.split(maxsplit=1)
        kind, _, meaning = head.partition("=")
        for phrase in phrases.split(";"):
            phrase, _, own = " ".join(phrase.split()).partition(":")
            lexicon.setdefault(phrase, {})[kind] = own or meaning
    return lexicon


LEXICON = _lexicon()
_BEGINNINGS = {phrase[:i] for phrase in LEXICON for i in range(1, len(phrase) + 1)}
_TOKEN = re.compile(
    r"(?<![^\s£(-])\.[0-9]+|[0-9]+(?:[,.:][0-9]+)*|[a-z]+(?:'[a-z]+)*|[<>]=?|[^\sa-z0-9]", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]*\.[0-9]+|[0-9]+")
_SPACED_THOUSANDS = re.compile("(?<=[0-9])[\u00a0\u2007\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_POUND_SPACED = re.compile("£ ?[0-9]{1,3}(?: [0-9]{3})+(?![0-9])")
_POUND_BRACKET = re.compile(r"£\(([0-9][0-9,.]*[a-z]*)\)|\(£([0-9][0-9,.]*)\)(?=[a-z])", re.IGNORECASE)
_CHARACTERS = str.maketrans({
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2014\u2015", " - "),
    **dict.fromkeys("\u2018\u2019\u201b\u2032", "'"), **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
    "½": " half ", "¼": " a quarter ", "¾": " three quarters ", "⅓": " a third ", "⅔": " two thirds "})
_MIXED = re.compile("(?<=[0-9])[½¼¾]")


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


@dataclass(frozen=True)
class _Token:
    text: str                  # lower case; a phrase joined by single spaces
    kinds: dict[str, str]
    start: int
    end: int
    gap: bool                  # white space, or the start of the words, stands before it
    number: Decimal | None = None
    title: bool = False        # begins with a capital, which tells the month May from the verb

    def is_a(self, *kinds: str) -> bool:
        return not self.kinds.keys().isdisjoint(kinds)


_END = _Token("", {}, 0, 0, True)


@dataclass
class _Figure:
    first: int                 # index of its first token
    last: int                  # index after its last token
    number: Decimal | None     # without scale; None when vague
    scale: int = 1
    unit: str | None = None
    negative: bool = False
    upper: Decimal | None = None   # the second number of a range, scaled
    core: int = 0              # index after the number itself, before the noun it counts
    counts: str = ""           # "time" or "other": it counts years, trusts, …, which are no unit here
    to_next: bool = False      # "from 154 (down) to 64": the next figure is where this one goes

    @property
    def amount(self) -> Decimal:
        amount = (self.number or Decimal(0)) * self.scale * (-1 if self.negative else 1)
        return Decimal(int(amount)) if amount == int(amount) else amount  # 4500000000, not 4500000000.0


def _tidy(words: str) -> str:
    """One spelling for dashes, quotes, spaces and digits; footnote marks and invisible characters dropped."""
    words = _SPACED_THOUSANDS.sub(",", words)
    words = _MIXED.sub(lambda m: {"½": ".5", "¼": ".25", "¾": ".75"}[m.group()], words).translate(_CHARACTERS)
    kept = (c for c in words if unicodedata.category(c) not in ("No", "Cf"))
    tidy = " ".join(unicodedata.normalize("NFKC", "".join(kept)).translate(_CHARACTERS).split())
    tidy = _POUND_BRACKET.sub(lambda m: f"-£{m[1] or m[2]}", tidy)  # £(3.1)m, (£3.1)m
    return _POUND_SPACED.sub(lambda m: m.group().replace(" ", ","), tidy)


def _number(text: str) -> Decimal | None:
    """A number in digits; None if it is badly grouped ("1,09"), a clock time, or absurdly long."""
    if not _NUMBER.fullmatch(text) or sum(c.isdigit() for c in text) > MAX_DIGITS:
        return None
    return Decimal(text.replace(",", ""))


def _tokens(tidy: str) -> list[_Token]:
    """Numbers, marks, and the longest known phrases; a hyphen inside a phrase is skipped."""
    raw = [_Token(m.group().lower(), {}, m.start(), m.end(), not m.start() or tidy[m.start() - 1] == " ",
                  _number(m.group()), m.group()[0].isupper()) for m in _TOKEN.finditer(tidy)]
    tokens, i = [], 0
    while i < len(raw):
        token, i = _longest_phrase(raw, i)
        tokens.append(token)
    return tokens


def _longest_phrase(raw: list[_Token], i: int) -> tuple[_Token, int]:
    """The longest phrase of LEXICON that starts at `i`, and the index after it."""
    token, best, after, phrase, j = raw[i], "", i + 1, "", i
    while j < len(raw):
        part = raw[j]
        if part.text in ("-", ".") and phrase and j + 1 < len(raw) and raw[j + 1].text.isalpha():
            j += 1  # "one-off", "p.a."
            continue
        if part.number is not None:
            break
        phrase, j = f"{phrase} {part.text}" if phrase else part.text, j + 1
        if phrase not in _BEGINNINGS:
            break
        if phrase in LEXICON:
            best, after = phrase, j
    if best:
        token = replace(token, text=best, kinds=LEXICON[best], end=raw[after - 1].end)
    return token, after


def _kinds(word: str) -> set[str]:
    return set(LEXICON.get(word, {}))


def _at(tokens: list[_Token], i: int) -> _Token:
    return tokens[i] if 0 <= i < len(tokens) else _END


def _is_year(token: _Token) -> bool:
    return len(token.text) == 4 and token.text.isdigit() and 1900 <= int(token.text) <= 2099


def _not_figures(tokens: list[_Token]) -> set[int]:
    """Indices of numbers that are dates, clock times, labels ("month 8", "Q3") or names ("covid-19")."""
    out: set[int] = set()
    for i, token in enumerate(tokens):
        if token.number is None and not (token.is_a("number") and _at(tokens, i - 1).is_a("label")):
            continue
        out.update(_label(tokens, i))
        if token.number is not None:
            out.update(_year_span(tokens, i) or _day(tokens, i) or _glued(tokens, i))
            if i not in out and _is_year(token) and _lone_year(tokens, i):
                out.add(i)
    return out


def _year_span(tokens: list[_Token], i: int) -> set[int]:
    """2024/25, 2024-2025, 24/25, "2025 to 2026", 31/03/2027."""
    a, mark, b = tokens[i], _at(tokens, i + 1), _at(tokens, i + 2)
    if b.number is None or _at(tokens, i - 1).text == "£":
        return set()
    follows = b.text.isdigit() and a.text.isdigit() and (int(a.text) + 1) % 10 ** len(b.text) == int(b.text)
    if mark.text in ("/", "-") and _is_year(a) and follows and len(b.text) <= 4:
        return {i, i + 2}
    if mark.text == "/" and len(a.text) == len(b.text) == 2 and follows:
        return {i, i + 2}
    if mark.text == _at(tokens, i + 3).text == "/" and _at(tokens, i + 4).number is not None:
        return {i, i + 2, i + 4}
    years = mark.text in ("to", "and", "or", "-") and _is_year(a) and _is_year(b)
    if years and not _at(tokens, i + 3).is_a("unit") or (a.text, mark.text, b.text) == ("24", "/", "7"):
        return {i, i + 2}
    return set()


def _day(tokens: list[_Token], i: int) -> set[int]:
    """31 March, November 26; "13 may close" is no date, nor is "in March 24 posts"."""
    token, before, after = tokens[i], _at(tokens, i - 1), _at(tokens, i + 1)
    if not token.text.isdigit() or not 1 <= int(token.text[:4]) <= 31:
        return set()
    if after.is_a("month") and (after.text != "may" or after.title):
        return {i}
    counted = after.is_a("unit", "noun", "percent", "scale")
    return {i} if before.is_a("month") and (before.text != "may" or before.title) and not counted else set()


def _label(tokens: list[_Token], i: int) -> set[int]:
    """Month 8, year one, bands 8-9; "last month 13 trusts" and "month 600 posts" count something."""
    token, dot = tokens[i], _at(tokens, i - 1).text == "."
    before = _at(tokens, i - 1 - dot)
    number = token.number if token.number is not None else Decimal(token.kinds["number"])
    if not before.is_a("label") or number != int(number) or number > 200:
        return set()
    if (before.is_a("duration") or before.text in ("no", "ward")) and number > 12:
        return set()
    if before.is_a("duration") and _at(tokens, i - 2).text in ("this", "last", "next", "each", "every"):
        return set()
    linked = _at(tokens, i + 1).text in ("-", "to", "and") and (
        before.text.startswith("band") or not _at(tokens, i + 3).is_a("unit", "noun", "percent"))
    return {i, i + 2} if linked and _at(tokens, i + 2).number is not None else {i}


def _glued(tokens: list[_Token], i: int) -> set[int]:
    """60s, 8a, 1st, 5pm, FY25, covid-19: letters on a number, neither scale nor unit; and "per 1,000"."""
    before, after = _at(tokens, i - 1), _at(tokens, i + 1)
    if after.is_a("clock") or before.text == "per" or (before.is_a("month") and not tokens[i].gap):
        return {i}
    lettered = after.text[:1].isalpha() and not after.gap
    if lettered and not after.is_a("scale", "unit", "percent", "pounds", "after"):
        return {i}
    if tokens[i].gap:
        return set()
    if before.text == "-" and not before.gap:
        before = _at(tokens, i - 2)
        counted = before.is_a("number", "scale", "percent", "unit", "pounds", "qualifier")
        return {i} if before.text[:1].isalpha() and before.text != "in" and not counted else set()
    return {i} if before.text[:1].isalpha() and not before.is_a("qualifier", "pounds") else set()


def _lone_year(tokens: list[_Token], i: int) -> bool:
    """A year, unless the words count with it: "2024 posts", "more than 2000"."""
    before, after = _at(tokens, i - 1), _at(tokens, i + 1)
    if before.text == "£" or before.is_a("pounds") or after.is_a("scale", "percent", "pounds", "noun") or (
            before.is_a("counts")):
        return False
    counted = _unit_after(tokens, i + 1, len(tokens))[0] is not None
    return not counted or before.is_a("dates") or before.is_a("month")


def _figures(tokens: list[_Token], skipped: set[int]) -> list[_Figure]:
    """All figures, in order, without qualifier; ranges and shares ("one in ten") already joined."""
    found, i = [], 0
    while i < len(tokens):
        figure = _figure(tokens, i, skipped)
        if figure is not None and figure.unit != "foreign":
            found.append(figure)
        i = figure.last if figure is not None else i + 1
    return _join(tokens, found)


def _figure(tokens: list[_Token], i: int, skipped: set[int]) -> _Figure | None:
    """The figure that starts at token `i`: sign, currency, number, scale, percent or pounds, per head."""
    token, start = tokens[i], i
    for kind, unit in (("halve", "percent"), ("multiple", "times"), ("nothing", "GBP"), ("vague", None)):
        if token.is_a(kind):
            number = None if kind == "vague" else Decimal(token.kinds[kind] or 0)
            figure = _Figure(i, i + 1, number, unit=unit)
            return _with_pounds(tokens, figure) if kind == "vague" else figure
    alone = token.gap or _at(tokens, i - 1).text in ("(", ":", "/", "'", '"')
    negative = token.text == "minus" or (token.text == "-" and alone and not _at(tokens, i + 1).gap)
    i += negative
    money = _at(tokens, i).text in ("£", "gbp")
    foreign = _at(tokens, i).is_a("foreign")
    i += money or foreign
    if money and _at(tokens, i).text == "-" and not _at(tokens, i + 1).gap:
        negative, i = True, i + 1
    if i in skipped:
        return None
    figure = _share(tokens, i) or _amount(tokens, i, money)
    if figure is None:
        return None
    figure.first, figure.negative = start, negative
    figure.unit = "foreign" if foreign else "GBP" if money else figure.unit
    return _with_pounds(tokens, figure)


def _with_pounds(tokens: list[_Token], figure: _Figure) -> _Figure:
    """Take in what stands right after a number: %, pounds, per head."""
    hyphen = _at(tokens, figure.last).text == "-" and not _at(tokens, figure.last).gap
    after = _at(tokens, figure.last + hyphen)
    if figure.number is None and after.text == "of":
        after, hyphen = _at(tokens, figure.last + 1), True
    for kind, unit in (("foreign", "foreign"), ("percent", "percent"), ("pounds", "GBP")):
        if after.is_a(kind) and (kind != "percent" or figure.unit is None):
            figure.unit, figure.last = unit, figure.last + hyphen + 1
            break
    head = _at(tokens, figure.last)
    slash = head.text in ("/", "-")
    head = _at(tokens, figure.last + slash)
    if figure.unit == "GBP" and (head.is_a("head") or (slash and head.text == "head")):
        figure.unit, figure.last = "GBP_per_head", figure.last + slash + 1
    return figure


def _amount(tokens: list[_Token], i: int, money: bool) -> _Figure | None:
    """Digits or spelled numbers with their scale: 4.5bn, six hundred, one and a half billion, a million."""
    token = _at(tokens, i)
    if token.number is not None:
        number, i = token.number, i + 1
    elif token.is_a("number"):
        number, i = _spelled(tokens, i)
    elif token.text in ("a", "an", "another") and _is_long_scale(_at(tokens, i + 1)):
        number, i = Decimal(1), i + 1
    else:
        return None
    first = i - 1
    if _at(tokens, i).is_a("and_part"):
        number, i = number + Decimal(_at(tokens, i).kinds["and_part"]), i + 1
    scale, i = _scales(tokens, i, money)
    if token.text == "one" and number * scale == 1 and not money and not _counts_one(tokens, i):
        return None
    return _Figure(first, i, number, scale)


def _is_long_scale(token: _Token) -> bool:
    """hundred, million, dozen: scales that "a" may stand before, unlike "m" and "bn"."""
    return token.is_a("scale") and len(token.text) > 3


def _scales(tokens: list[_Token], i: int, money: bool) -> tuple[int, int]:
    """The product of the scale words at `i`, and the index after them; "5 m" needs a pound sign."""
    scale = 1
    while True:
        j = i + (_at(tokens, i).text == "-" and not _at(tokens, i + 1).gap)
        token = _at(tokens, j)
        if not token.is_a("scale") or (len(token.text) == 1 and token.gap and not money) or scale > 10**9:
            return scale, i
        scale, i = scale * int(token.kinds["scale"]), j + 1


def _spelled(tokens: list[_Token], i: int) -> tuple[Decimal, int]:
    """A number in words from `i`, and the index after it; a last scale above hundred is left to `_scales`."""
    total, part, fresh = 0, 0, True
    while True:
        token = _at(tokens, i)
        if token.text in ("and", "-") and not fresh and _at(tokens, i + 1).is_a("number"):
            joins = part % 100 == 0 if token.text == "and" else part % 10 == 0 and not token.gap
            token, step = (_at(tokens, i + 1), 2) if joins else (_END, 0)
        else:
            step = 1
        digit = int(token.kinds["number"]) if token.is_a("number") else None
        fits_hundred = (part or total) and part % 100 == 0
        fits_ten = part % 100 >= 20 and part % 10 == 0 and digit is not None and 0 < digit < 10
        if digit is not None and (fresh or fits_hundred or fits_ten):
            part, fresh = part + digit, False
        elif token.text == "hundred" and 0 < part < 100:
            part *= 100
        elif _is_long_scale(token) and part and (
                _at(tokens, i + 1 + (_at(tokens, i + 1).text == "and")).is_a("number")):
            total, part = total + part * int(token.kinds["scale"]), 0
        else:
            return Decimal(total + part), i
        i += step


def _counts_one(tokens: list[_Token], i: int) -> bool:
    """Whether "one" before token `i` is a count: "one in ten", "one ward", but not "one would hope"."""
    token = _at(tokens, i + (_at(tokens, i).text == "-"))
    if token.text in ("to", "or") and tokens[i] is token:
        return _at(tokens, i + 1).is_a("number") or _at(tokens, i + 1).number is not None
    return token.text in ("in", "out") or token.is_a("unit", "noun", "percent", "duration", "head", "pounds")


def _share(tokens: list[_Token], i: int) -> _Figure | None:
    """Half, a third, two thirds, 3/4 as percent; "half a billion" and "a quarter of a million" as numbers."""
    token, top, j = _at(tokens, i), Decimal(1), i
    if token.text in ("a", "an", "one"):
        j = i + 1 + (_at(tokens, i + 1).text == "-")
    elif token.is_a("number") and not token.is_a("fraction"):
        top, j = Decimal(token.kinds["number"]), i + 1 + (_at(tokens, i + 1).text == "-")
    elif token.number is not None and token.text.isdigit() and _at(tokens, i + 1).text == "/":
        below = _at(tokens, i + 2).number
        fits = below is not None and token.number < below <= 10 and below == int(below)
        return _Figure(i, i + 3, 100 * token.number / below, unit="percent") if fits else None
    bottom = _at(tokens, j)
    if not bottom.is_a("fraction") or (j == i and bottom.text != "half"):
        return None
    after = j + 1 + (_at(tokens, j + 1).text in ("-", "of"))
    after += _at(tokens, after).text == "a"
    after += _at(tokens, after).text == "-"
    scale, end = _scales(tokens, after, False)
    part = top / int(bottom.kinds["fraction"])
    if scale > 1:
        return _Figure(i, end, part, scale)
    if _at(tokens, after).is_a("percent"):
        return _Figure(i, after, part)
    following = _at(tokens, j + 1)
    if token.text in ("a", "an") and bottom.text != "half" and (
            following.text[:1].isalpha() and not {"stop", "goes_on"} & _kinds(following.text.split()[0])):
        return None
    if bottom.text == "quarter" and _at(tokens, i - 1).is_a("scale", "pounds") and following.text != "of":
        return None  # "£5m a quarter" says when, not how much
    return _Figure(i, j + 1, 100 * top / int(bottom.kinds["fraction"]), unit="percent")


def _unit_after(tokens: list[_Token], i: int, stop: int) -> tuple[str | None, int, str]:
    """Unit named from `i` on, the index after its noun, and "time" or "other" if the words count those."""
    unit, end, words = None, i, 0
    for j in range(i, min(stop, i + 8)):
        token = tokens[j]
        named = token.kinds.get("unit")
        if named == "times" and (unit or words):
            break
        if named:
            unit = named if unit is None or _RANK[named] > _RANK[unit] else unit
            end = j + 1
        elif token.text in ("(", "-", "+", '"', "'"):
            if token.text == "(" and _at(tokens, j + 1).kinds.get("unit") != "wte":
                break
        elif unit is not None:
            break
        elif token.is_a("duration", "noun") and (token.text.endswith("s") or token.is_a("duration")):
            return None, j + 1, "time" if token.is_a("duration") else "other"
        elif token.text == "in" and _at(tokens, j + 1).text in ("wte", "headcount"):
            continue  # "a reduction of 345 in WTE"
        elif not token.text[:1].isalpha() or (token.is_a("stop") and token.text != "plus") or words == 5:
            break
        else:
            words += 1  # "600 trust staff" goes on after a noun in the singular
    return unit, end, ""


def _join(tokens: list[_Token], figures: list[_Figure]) -> list[_Figure]:
    """Give each figure its noun; join "one in ten", "£4.5-5bn" and "between 200 and 500"."""
    out: list[_Figure] = []
    for n, figure in enumerate(figures):
        figure.core = figure.last
        if figure.unit is None:
            stop = figures[n + 1].first if n + 1 < len(figures) else len(tokens)
            figure.unit, figure.last, figure.counts = _unit_after(tokens, figure.last, stop)
    for figure in figures:
        pair = _pair(tokens, out[-1], figure) if out else None
        if pair is None:
            out.append(figure)
        else:
            out[-1] = pair
    return out


def _pair(tokens: list[_Token], a: _Figure, b: _Figure) -> _Figure | None:
    """The one figure that `a` and `b` make, or None; two that stay apart may still share scale and unit."""
    if a.number is None or b.number is None or a.upper is not None or b.first - a.last > 8:
        return None
    links = [t.text for t in tokens[a.last:b.first] if not t.is_a("qualifier", "filler")]
    if len(links) > 1:
        links = [text for text in links if text != "-"]
    if not links or len(links) > 4:
        return None
    share = links in (["in"], ["in", "every"]) or (links == ["out", "of"] and b.number in (*range(11), 100))
    counted = a.unit is None and b.unit not in ("GBP", "percent", "times") and b.counts != "time"
    if share and counted and a.scale == b.scale == 1 and a.number < b.number and b.number in _DENOMINATORS:
        return _Figure(a.first, b.last, 100 * a.number / b.number, unit="percent", core=b.core)
    lead = _lead(tokens, a)
    lead = "from" if lead == "by" and b.amount > 10 * a.amount else lead  # "by a further 457 to 7,863"
    joined = links in (["-"], ["to"]) or (lead == "between" and links[-1] in ("and", "to", "-"))
    if not joined and links[-1] not in ("to", "and"):
        return None
    paired = lead == "from" or links == ["and"]  # "packages of £44 and £10 million"
    if paired and a.unit == "GBP" == b.unit and a.scale == 1 < b.scale and a.number < 1000:
        a.scale = b.scale
    if joined and a.unit != b.unit and None in (a.unit, b.unit):
        if a.scale == 1 and a.number * b.scale < b.amount:
            a.scale = b.scale
        a.unit = b.unit = a.unit or b.unit
    if joined and a.scale == 1 < b.scale and a.unit == b.unit and a.number * b.scale < b.amount:
        a.scale = b.scale
    a.to_next = links[-1] == "to" and a.unit == b.unit
    rising = a.amount < b.amount and not (a.negative or b.negative)
    if joined and lead != "from" and a.unit == b.unit and rising:
        return replace(a, last=b.last, core=b.core, upper=b.amount, counts=b.counts, to_next=False)
    return None


def _lead(tokens: list[_Token], figure: _Figure) -> str:
    """The word before a figure and its qualifiers."""
    i = figure.first - 1
    while _at(tokens, i).is_a("qualifier", "filler"):
        i -= 1
    return _at(tokens, i).text


def _qualifier(tokens: list[_Token], figure: _Figure, floor: int, ceiling: int) -> tuple[str, int, int]:
    """Qualifier of a figure whose neighbours end at `floor` and begin at `ceiling`, and span of its words.

    A bound is stronger than "about": "up to around 600" has a highest value.
    """
    found, first, last = "exact", figure.first, figure.last
    for i in range(figure.first - 1, max(floor, figure.first - 9) - 1, -1):
        token = tokens[i]
        here = token.kinds.get("qualifier")
        if here and figure.counts == "time" and token.text == "over":
            break  # "over three years" is a stretch of time
        if here:
            found, first = (here if found in ("exact", "about") else found), i
        elif not token.is_a("filler") and token.text not in ("'", '"', ".", "-"):
            break
    for i in range(figure.core, min(ceiling, figure.last + 3)):
        token = tokens[i]
        after = token.kinds.get("after")
        if token.text in ("+", "plus"):
            follows = _at(tokens, i + 1)
            closes = token.text == "plus" and (follows is _END or follows.is_a("unit"))
            after = "at_least" if closes or not token.gap else None  # "500+", but "£412,400 plus VAT"
        if after and found in ("exact", "about"):
            found, last = after, max(last, i + 1)
        if token.is_a("stop") and token.text != "plus" or token.text in ("(", ")", ",", ".", ";"):
            break
    return found, first, last


def _unit_before(tokens: list[_Token], figure: _Figure, start: int, floor: int) -> str | None:
    """posts, wte, people or beds in "headcount by 600", "WTE reduction of 450"."""
    if not _at(tokens, start - 1).text.endswith(("by", "of", "to", ":")) or figure.counts:
        return None
    for i in range(start - 2, max(floor, start - 6) - 1, -1):
        if tokens[i].is_a("unit") and tokens[i].kinds["unit"] != "times":
            return tokens[i].kinds["unit"]
    return None


def _recurrences(tokens: list[_Token], figures: list[_Figure]) -> dict[int, str]:
    """Index of a figure -> yearly or one_off. "A year" follows its figure; "one-off" is next to it."""
    out: dict[int, str] = {}
    for i, token in enumerate(tokens):
        if not token.is_a("recurrence"):
            continue
        before = max((n for n, f in enumerate(figures) if f.first <= i), default=None)
        after = min((n for n, f in enumerate(figures) if f.first > i), default=None)
        if token.text == "a year" and _at(tokens, i - 1).text in ("in", "within", "over", "for", "than"):
            continue
        if token.text.startswith(("recur", "annual s", "one", "non")) and after is not None and (
                before is None or before in out or figures[after].first - i < i - figures[before].core):
            before = after
        if before is not None:
            out.setdefault(before, token.kinds["recurrence"])
    return out


def _bracketed(tokens: list[_Token], figures: list[_Figure]) -> bool:
    """Whether the words are nothing but bracketed numbers, as in a table of accounts."""
    inside = {i for f in figures for i in range(f.first, f.last)}
    rest = [t.text for i, t in enumerate(tokens) if i not in inside]
    closed = all(_at(tokens, f.first - 1).text == "(" and _at(tokens, f.last).text == ")" for f in figures)
    return bool(figures) and closed and set(rest) == {"(", ")"}


def _parse(words: str, unit: str | None) -> list[tuple[Reading, bool]]:
    """(reading, whether the next one is where it goes) for every figure in the words."""
    if unit is not None and unit not in HEADERS:
        raise ValueError(f"unknown unit {unit!r} of a column; one of: {', '.join(HEADERS)}")
    if not isinstance(words, str) or len(words) > MAX_LENGTH:
        return []
    tidy = _tidy(words)
    tokens = _tokens(tidy) if len(tidy) <= MAX_LENGTH else []
    figures = _figures(tokens, set() if unit and len(tokens) == 1 else _not_figures(tokens))
    if not figures:
        even = [i for i, t in enumerate(tokens) if t.is_a("balance")]
        if even and not any(t.is_a("negation") for t in tokens):
            figures = [_Figure(even[0], even[0] + 1, Decimal(0), core=even[0] + 1)]
    brackets = _bracketed(tokens, figures)
    recurrences = _recurrences(tokens, figures)
    out = []
    for n, figure in enumerate(figures):
        floor = figures[n - 1].last if n else 0
        ceiling = figures[n + 1].first if n + 1 < len(figures) else len(tokens)
        qualifier, first, last = _qualifier(tokens, figure, floor, ceiling)
        named, factor = figure.unit or _unit_before(tokens, figure, first, floor), 1
        if unit and named is None and figure.scale == 1:
            factor, named = HEADERS[unit]
        if brackets and (unit or named != "percent"):
            figure.negative = True
        text = tidy[tokens[first].start:tokens[last - 1].end]
        qualifier, slots = _slots(figure, factor, qualifier)
        reading = Reading(*slots, qualifier, named, recurrences.get(n), text)
        out.append((reading, figure.to_next))
    return out


def _slots(figure: _Figure, factor: int, qualifier: str) -> tuple[str, tuple[Decimal | None, ...]]:
    """The qualifier, and (value, low, high)."""
    if figure.number is None:
        return "unquantified", (None, None, None)
    amount = figure.amount * factor
    if figure.upper is not None:
        return "between", (None, amount, figure.upper * factor)
    return qualifier, tuple(amount if slot == _SLOT[qualifier] else None for slot in ("value", "low", "high"))


def readings(words: str, *, unit: str | None = None) -> list[Reading]:
    """Every figure in `words`, in order; [] for none, and for words longer than MAX_LENGTH characters.

    `unit` is the heading of a table column (see HEADERS): it gives bare numbers their unit and scale.
    "Hundreds of jobs" is one unquantified reading. "Break even", "balanced" and "a surplus" without a figure
    are one reading of 0. Sums in other currencies are left out. Raises ValueError for an unknown heading.
    """
    return [reading for reading, _ in _parse(words, unit)]


@dataclass(frozen=True)
class Disagreement:
    """`field` (figure, value, low, high, qualifier, unit or in_unit) was typed one way and reads another.

    `str()` is the sentence for a message; `reading` is the nearest one, None where the words have no figure.
    """

    field: str
    typed: object
    found: object
    reading: Reading | None = None
    hint: str = ""

    def __str__(self) -> str:
        if self.field == "figure":
            return "no figure was found in the words"
        unit = self.reading.unit if self.reading else None
        typed, found = _shown(self.typed, unit), _shown(self.found, unit)
        if self.reading is None:
            return f"{self.field} {typed} is not {found}"
        hint = f": {self.hint}" if self.hint else ""
        return f'{self.field} {typed} does not match "{self.reading.text}", which gives {found}{hint}'


def _shown(value: object, unit: str | None) -> str:
    if isinstance(value, Decimal):
        return format_number(value, unit)
    return "nothing" if value is None else str(value)


def agrees(words: str, *, value: object = None, low: object = None, high: object = None, qualifier: str,
           unit: str | None = None, in_unit: str | None = None, deficit: bool = False) -> list[Disagreement]:
    """Compare a typed figure with the words; [] if one of the figures in the words is the one typed.

    `value`, `low`, `high`: int, Decimal or numeric text, None where not typed. `unit`: of the typed figure,
    None to leave it unchecked; a unit the words do not state is no disagreement. `in_unit`: the heading, as
    in `readings`. With `deficit`, a surplus or underspend in the words is a negative deficit, and a bracketed
    or minus number a deficit. "From 154 down to 64" also gives their difference. Never raises: nonsense typed
    comes back as a disagreement.
    """
    typed = {}
    for field, given in (("value", value), ("low", low), ("high", high)):
        try:
            typed[field] = None if given is None else Decimal(str(given))
            if typed[field] is not None and not typed[field].is_finite():
                raise InvalidOperation
        except InvalidOperation:
            return [Disagreement(field, given, "a number")]
    if qualifier not in QUALIFIERS:
        return [Disagreement("qualifier", qualifier, "one of " + ", ".join(QUALIFIERS))]
    if in_unit is not None and in_unit not in HEADERS:
        return [Disagreement("in_unit", in_unit, "one of " + ", ".join(HEADERS))]
    found = list(_candidates(words, in_unit, deficit))
    if qualifier == "unquantified":
        found = [r for r in found if not _is_time(r)]
    if not found:
        none_typed = qualifier == "unquantified" and not any(v is not None for v in typed.values())
        return [] if none_typed else [Disagreement("figure", qualifier, "no figure")]
    compared = (_compare(typed, qualifier, unit, reading) for reading in found)
    return min(compared, key=lambda slips: (len(slips), _distance(typed, slips)))


def _is_time(reading: Reading) -> bool:
    return reading.unit is None and "duration" in _kinds(_noun(reading))


def _noun(reading: Reading) -> str:
    """The last word a reading was read from: "years" in "5 years"."""
    return reading.text.lower().replace("-", " ").split()[-1]


def _candidates(words: str, in_unit: str | None, deficit: bool) -> Iterator[Reading]:
    """The readings, as deficits if asked, then what two of them give together."""
    parsed = _parse(words, in_unit)
    lowered = words.lower() if isinstance(words, str) else ""
    for reading, _ in parsed:
        yield from _as_deficit(reading, lowered) if deficit else [reading]
    for (a, to_next), (b, _) in pairwise(parsed):
        if to_next and a.value is not None and b.value is not None:
            kind = "exact" if a.qualifier == b.qualifier == "exact" else "about"
            text = f"{a.text} to {b.text}"
            yield replace(a, value=abs(a.value - b.value), qualifier=kind, text=text)
            if a.value < b.value:
                yield replace(a, value=None, low=a.value, high=b.value, qualifier="between", text=text)


_SURPLUS = ("surplus", "underspen", "better than plan", "ahead of plan", " favourable")
_DEFICIT = ("deficit", "overspen", "shortfall", "gap", "worse than plan", "behind plan", "adverse")


def _as_deficit(reading: Reading, lowered: str) -> Iterator[Reading]:
    """The reading with a deficit as positive; both signs where the words name a surplus and a deficit."""
    numbers = [v for v in (reading.value, reading.low, reading.high) if v is not None]
    money = reading.unit in (None, "GBP", "GBP_per_head", "percent")
    if any(v < 0 for v in numbers):
        yield _mirror(reading, turn=False)
    elif not money or not any(numbers) or not any(word in lowered for word in _SURPLUS):
        yield reading
    else:
        yield _mirror(reading, turn=True)
        if any(word in lowered for word in _DEFICIT):
            yield reading


def _mirror(reading: Reading, turn: bool) -> Reading:
    """The reading with its sign changed; `turn` also turns its bounds round (more than 5 -> less than -5)."""
    value, low, high = (None if v is None else -v for v in (reading.value, reading.low, reading.high))
    if not turn:
        return replace(reading, value=value, low=low, high=high)
    qualifier = _MIRROR.get(reading.qualifier, reading.qualifier)
    return replace(reading, value=value, low=high, high=low, qualifier=qualifier)


def _compare(typed: dict, qualifier: str, unit: str | None, reading: Reading) -> list[Disagreement]:
    out = []
    given = {"value": reading.value, "low": reading.low, "high": reading.high}
    numbers = [sorted(v for v in side.values() if v is not None) for side in (typed, given)]
    moved = len(numbers[0]) == len(numbers[1]) and all(map(_same, *numbers))
    for field, found in given.items():
        if moved and qualifier != reading.qualifier:
            break  # the right number under the wrong qualifier is one slip, not three
        if not _same(typed[field], found):
            out.append(Disagreement(field, typed[field], found, reading, _hint(typed[field], found)))
    if qualifier != reading.qualifier:
        out.append(Disagreement("qualifier", qualifier, reading.qualifier, reading))
    same_unit = reading.unit == unit or (reading.unit == "GBP" and unit == "GBP_per_head")
    if unit is not None and reading.unit is not None and not same_unit:
        out.append(Disagreement("unit", unit, reading.unit, reading))
    elsewhere = {"duration"} if unit in ("posts", "wte", "people") else {"duration", "noun"}
    if unit in _UNITS and reading.unit is None and elsewhere & _kinds(_noun(reading)):
        out.append(Disagreement("unit", unit, _noun(reading), reading))  # "£5m over 5 years" is not £5
    return out


def _same(typed: Decimal | None, found: Decimal | None) -> bool:
    """Equal; a share that never ends, such as a third, may be typed rounded to any number of places."""
    if typed is None or found is None:
        return typed is found
    places = max(0, -int(typed.as_tuple().exponent))
    return typed == found or (_endless(found) and places < 20 and round(found, places) == typed)


def _endless(number: Decimal) -> bool:
    """Whether the number is a share such as a third, cut off at the precision of Decimal."""
    return int(number.as_tuple().exponent) < -20


def _hint(typed: Decimal | None, found: Decimal | None) -> str:
    if not typed or not found:
        return ""
    if typed == -found:
        return "the sign is turned round"
    ratio = max(abs(typed / found), abs(found / typed))
    if ratio in (10**3, 10**6, 10**9):
        return "thousand, m or bn mixed up?"
    return "a digit lost or doubled?" if ratio in (10, 100) else ""


def _distance(typed: dict[str, Decimal | None], disagreements: list[Disagreement]) -> Decimal:
    """How far off the typed numbers are, to choose between equally wrong readings."""
    if not disagreements or disagreements[0].reading is None:
        return Decimal(0)
    reading = disagreements[0].reading
    one = next((v for v in typed.values() if v is not None), Decimal(0))
    other = next((v for v in (reading.value, reading.low, reading.high) if v is not None), Decimal(0))
    return abs(one - other) / max(abs(one), abs(other), Decimal(1))


def format_number(value: Decimal, unit: str | None = None) -> str:
    """A number in plain English that reads back exactly: £4.5bn, £768,000, 37%, 2,300."""
    sign, size = "-" if value < 0 else "", abs(value)
    if unit not in ("GBP", "GBP_per_head"):
        return f"{sign}{_plain(size)}{'%' if unit == 'percent' else ''}"
    for scale, letters in ((10**9, "bn"), (10**6, "m")):
        if unit == "GBP" and size >= scale and size % (scale // 1000) == 0:
            return f"{sign}£{_plain(size / scale)}{letters}"
    return f"{sign}£{_plain(size)}"


def _plain(number: Decimal) -> str:
    text = f"{round(number, 2) if _endless(number) else number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def describe(reading: Reading) -> str:
    """A reading in plain English: "more than 2,300 posts", "between £1bn and £1.3bn a year"."""
    noun = {"wte": " WTE", "posts": " posts", "people": " people", "beds": " beds", "times": " times",
            "GBP_per_head": " a head"}.get(reading.unit or "", "")
    tail = noun + {"yearly": " a year", "one_off": " (one-off)", None: ""}[reading.recurrence]
    if reading.qualifier == "unquantified":
        noun = noun and f" of{noun}"
        return "an unstated amount of money" if reading.unit == "GBP" else f"an unstated number{noun}"
    numbers = (v for v in (reading.value, reading.low, reading.high) if v is not None)
    lead = "" if reading.qualifier == "exact" else reading.qualifier.replace("_", " ") + " "
    return f"{lead}{' and '.join(format_number(v, reading.unit) for v in numbers)}{tail}"
