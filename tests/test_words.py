"""The reader of figure phrases: what it reads, what it leaves alone, and which slips in typing it finds.

To add a phrase, add a row to words.csv: the words, the heading of the table column if they are a cell, and all their
readings as "qualifier number unit recurrence" (two numbers for between) with ";" between them. To test a comparison,
add what was typed in the same way (with "deficit" for a deficit), and the fields that are wrong, or none.
"""

import csv
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.words import HEADERS, MAX_LENGTH, QUALIFIERS, Reading, agrees, describe, format_number, readings

K, M, BN = 10**3, 10**6, 10**9
GBP, PERCENT, POSTS, WTE, PEOPLE, BEDS, HEAD = "GBP", "percent", "posts", "wte", "people", "beds", "GBP_per_head"
SLOTS = {"exact": ["value"], "about": ["value"], "more_than": ["low"], "at_least": ["low"], "nearly": ["high"]}
SLOTS |= {"up_to": ["high"], "between": ["low", "high"], "unquantified": []}
LETTERS = {"k": K, "m": M, "bn": BN}


def number(text: str) -> Decimal:
    """4.5bn, 600 or 100/3."""
    digits = text.rstrip("kmbn")
    top, _, bottom = digits.partition("/")
    return Decimal(top) * LETTERS.get(text[len(digits) :], 1) / Decimal(bottom or 1)


def figures(notation: str) -> list[tuple]:
    """(qualifier, numbers, the other words) of each figure in a cell of words.csv."""
    out = []
    for qualifier, *words in (part.split() for part in notation.split(";") if part.strip()):
        numbers = tuple(number(word) for word in words if word.strip("-")[0].isdigit())
        out.append((qualifier, numbers, words[len(numbers) :]))
    return out


def short(reading: Reading) -> tuple:
    """A reading as `figures` gives it; and the slots that must be empty are."""
    slots = {name: getattr(reading, name) for name in ("value", "low", "high")}
    assert [name for name, found in slots.items() if found is not None] == SLOTS[reading.qualifier]
    assert all(isinstance(found, Decimal) for found in reading.numbers())
    return reading.qualifier, tuple(reading.numbers()), [word for word in (reading.unit, reading.recurrence) if word]


with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
PHRASES = [(row["words"], row["in_unit"] or None, row["readings"]) for row in ROWS]
INVISIBLE = [("£1\u202f065\u202f000", None, "exact 1.065m GBP"), ("£4\u200b.5bn", None, "exact 4.5bn GBP")]
TYPED = [(row["words"], row["in_unit"] or None, row["typed"], row["wrong"]) for row in ROWS if row["typed"]]


@pytest.mark.parametrize(("words", "heading", "notation"), [*PHRASES, *INVISIBLE, ("", None, ""), ("  ", None, "")])
def test_reads_the_figures_in_order_and_no_other(words, heading, notation):
    assert [short(reading) for reading in readings(words, unit=heading)] == figures(notation)


@pytest.mark.parametrize(("words", "heading", "typed", "wrong"), TYPED)
def test_compares_what_was_typed_and_names_the_wrong_fields(words, heading, typed, wrong):
    ((qualifier, numbers, rest),) = figures(typed)
    slots = dict(zip(SLOTS[qualifier], numbers, strict=True))
    unit = next((word for word in rest if word != "deficit"), None)
    slips = agrees(words, **slots, qualifier=qualifier, unit=unit, in_unit=heading, deficit="deficit" in rest)
    assert ("; ".join(slip.field for slip in slips) or "none") == wrong


@pytest.mark.parametrize(
    ("words", "typed", "fields"),
    [
        ("between £4.5bn and £5bn", {"low": 4_500 * M, "qualifier": "between"}, ["high"]),
        ("more than 2,300", {"value": 2_300, "low": 2_300, "qualifier": "more_than"}, ["value"]),
        ("more than 2,300", {"value": 2_300, "qualifier": "more_than"}, ["value", "low"]),
        ("around 600", {"value": 600, "low": 550, "qualifier": "about"}, ["low"]),
        ("no clear plan", {"value": 5, "qualifier": "unquantified"}, ["figure"]),
    ],
)
def test_a_field_too_many_or_too_few_is_reported(words, typed, fields):
    assert [slip.field for slip in agrees(words, **typed)] == fields


def test_a_slip_says_typed_found_where_and_why():
    (slip,) = agrees("put the deficit at £100m", value=100 * BN, qualifier="exact", unit=GBP)
    assert (slip.typed, slip.found, slip.hint) == (100 * BN, 100 * M, "thousand, m or bn mixed up?")
    (slip,) = agrees("cutting around 600 jobs", value=60, qualifier="about")
    assert (slip.field, slip.reading.text, slip.hint) == ("value", "around 600 jobs", "a digit lost or doubled?")
    (slip,) = agrees("a recruitment freeze", value=600, qualifier="exact")
    assert (slip.field, slip.reading, slip.hint) == ("figure", None, "")


def test_the_nearest_reading_is_named_and_keeps_its_words():
    (slip,) = agrees("cut 1,200 posts in 3 trusts", value=1_100, qualifier="exact")
    assert agrees("cutting around 600 jobs", value=600, qualifier="about") == []
    assert (slip.found, slip.reading.text) == (1_200, "1,200 posts")
    assert readings("will be cutting around 600 jobs this year")[0].text == "around 600 jobs"


DESCRIBED = (
    "more than 2,300 roles = more than 2,300 posts; around £4.5bn = about £4.5bn; -£92m = -£92m; treble = 3 times; "
    "£1 billion to £1.3 billion a year = between £1bn and £1.3bn a year; £18.76 per head = £18.76 a head; "
    "one-off £1,000,001 = £1,000,001 (one-off); up to 50 per cent = up to 50%; a third = 33.33%; "
    "hundreds of jobs = an unstated number of posts; millions of pounds = an unstated amount of money"
)


@pytest.mark.parametrize(("words", "text"), [pair.split(" = ") for pair in DESCRIBED.split("; ")])
def test_describe(words, text):
    assert describe(readings(words)[0]) == text


REPEATED = "9|1,|1.1.|(|£|-|a |more than |one hundred and |million |2024/|between 1 and |1 in |half of a |½|two |to 5 "
REPEATED += "|+|£(|( 5 |¤|a-|in 2024 |5 m |no |. |5 to "
HOSTILE = [part * (MAX_LENGTH // len(part)) for part in REPEATED.split("|")]
HOSTILE += ["9" * 10_000_000, "\ufdfa" * 900, "\x00\ud800", "٣٤", "£1e999999999", "NaN", "Infinity"]
HOSTILE += ["(" * 900 + "5" + ")" * 90, "1" + "0" * 14 + " trillion " * 80]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_read_fast_and_never_raise(words):
    start = time.perf_counter()
    for reading in readings(words):
        describe(reading)
    agrees(words, value=1, qualifier="exact", deficit=True)
    assert time.perf_counter() - start < 60  # and not for ever


def test_too_long_is_no_figure():
    assert readings("£5m".ljust(MAX_LENGTH)) != []
    assert readings("£5m".ljust(MAX_LENGTH + 1)) == []
    assert readings("9" * 16) == []


@given(st.text(max_size=80), st.sampled_from([None, *HEADERS]))
def test_any_text_is_read_without_raising(words, heading):
    for reading in readings(words, unit=heading):
        assert describe(reading) and reading.qualifier in QUALIFIERS


PARTS = (
    "a one two 5 600 2024 2.5 £ % - / ( ) to and in of half third quarter m bn million hundred more "
    "than up posts staff WTE year month March between from surplus per head plus , . 1/2 +"
)


@given(st.lists(st.sampled_from(PARTS.split()), max_size=12))
def test_any_mixture_of_known_words_is_read_without_raising(parts):
    for joint in (" ", ""):
        for reading in readings(joint.join(parts)):
            assert describe(reading)


AMOUNTS = st.decimals(min_value="0.01", max_value=999, places=2)
SCALES = st.sampled_from([(1, ""), (K, "k"), (M, "m"), (M, " million"), (BN, "bn"), (BN, "BN"), (BN, " billion")])


@given(AMOUNTS, SCALES, st.sampled_from(["£", "£ ", "GBP ", "￡"]), st.booleans())
def test_money_reads_back_exactly(amount, scale, pound, closed):
    factor, letters = scale
    words = f"a gap of {pound}{amount}{letters}{'.' if closed else ''}"
    (reading,) = readings(words)
    assert (reading.value, reading.unit) == (amount * factor, GBP)
    assert agrees(words, value=amount * factor, qualifier="exact", unit=GBP) == []
    wrong_scale = agrees(words, value=amount * factor * 1_000, qualifier="exact", unit=GBP)
    assert [slip.field for slip in wrong_scale] == ["value"] and "mixed up" in wrong_scale[0].hint


@given(st.integers(1, 10**9), st.sampled_from([POSTS, WTE, PEOPLE, BEDS]), st.sampled_from(QUALIFIERS[:6]))
def test_a_described_count_reads_back(number, unit, qualifier):
    slots = {"value": None, "low": None, "high": None, SLOTS[qualifier][0]: Decimal(number)}
    reading = Reading(**slots, qualifier=qualifier, unit=unit, recurrence=None, text="")
    (back,) = readings(describe(reading))
    assert short(back) == short(reading)


@given(st.decimals(min_value=0, max_value=10**13, places=2), st.sampled_from([GBP, HEAD, PERCENT, None]))
def test_a_formatted_number_reads_back(number, unit):
    words = format_number(number, unit)
    assert [r.value for r in readings(words, unit="posts")] == [number]


@given(st.integers(1, 998), st.integers(1, 998), SCALES, st.sampled_from(["-", "–", " to ", "m and "]))
def test_ranges_read_back(a, b, scale, joint):
    low, high = sorted((a, b + 1 if a == b else b))
    between = joint == "m and "
    words = f"between £{low}m and £{high}m" if between else f"£{low}{joint}{high}{scale[1]}"
    (reading,) = readings(words)
    factor = M if between else scale[0]
    assert (reading.low, reading.high, reading.qualifier) == (low * factor, high * factor, "between")
