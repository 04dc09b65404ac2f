"""The reader of figure phrases: what it reads, what it leaves alone, and which slips in typing it finds."""
from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.words import (
    HEADERS,
    MAX_LENGTH,
    QUALIFIERS,
    Reading,
    agrees,
    describe,
    format_number,
    readings,
)

K, M, BN = 10**3, 10**6, 10**9
GBP, PERCENT, POSTS, WTE, PEOPLE, BEDS, TIMES, HEAD = (
    "GBP", "percent", "posts", "wte", "people", "beds", "times", "GBP_per_head")
BOUNDS = {"more_than": "low", "at_least": "low", "nearly": "high", "up_to": "high"}


def d(number: object) -> Decimal:
    return Decimal(str(number))


def short(reading: Reading) -> tuple:
    """(qualifier, number or (low, high), unit, recurrence), and the slots that must be empty are."""
    slots = {"value": reading.value, "low": reading.low, "high": reading.high}
    bound = BOUNDS.get(reading.qualifier, "value")
    used = {"between": ["low", "high"], "unquantified": []}.get(reading.qualifier, [bound])
    assert [name for name, number in slots.items() if number is not None] == used
    assert all(isinstance(slots[name], Decimal) for name in used)
    numbers = tuple(slots[name] for name in used)
    number = numbers[0] if len(numbers) == 1 else numbers or None
    return reading.qualifier, number, reading.unit, reading.recurrence


# words, qualifier, number (a pair for between), unit, and the recurrence where there is one
ONE = [
    # money, its scales and spellings
    ("£4.5bn", "exact", 4_500 * M, GBP),
    ("£102.5million deficit", "exact", 102_500_000, GBP),
    ("£1.2 billion", "exact", 1_200 * M, GBP),
    ("£800m", "exact", 800 * M, GBP),
    ("£750k", "exact", 750 * K, GBP),
    ("a deficit of £80-million", "exact", 80 * M, GBP),
    ("£2.2 bn", "exact", 2_200 * M, GBP),
    ("£ 2.2bn", "exact", 2_200 * M, GBP),
    ("2.2bn pounds", "exact", 2_200 * M, GBP),
    ("GBP 2.2bn", "exact", 2_200 * M, GBP),
    ("GBP2.2bn", "exact", 2_200 * M, GBP),
    ("£2,200,000", "exact", 2_200_000, GBP),
    ("£1.4bn.", "exact", 1_400 * M, GBP),
    ("£91m pound black hole", "exact", 91 * M, GBP),
    ("a million pounds", "exact", M, GBP),
    ("half a billion pounds", "exact", 500 * M, GBP),
    ("£half a billion", "exact", 500 * M, GBP),
    ("one and a half billion pounds", "exact", 1_500 * M, GBP),
    ("a quarter of a million pounds", "exact", 250 * K, GBP),
    ("three-quarters of a billion pounds", "exact", 750 * M, GBP),
    ("£1½m", "exact", 1_500 * K, GBP),
    ("£205,111 million", "exact", 205_111 * M, GBP),
    ("£3.2mn", "exact", 3_200 * K, GBP),
    ("£1.1tn", "exact", 1_100 * BN, GBP),
    ("£6 billon shortfall", "exact", 6 * BN, GBP),
    ("A £12M GAP", "exact", 12 * M, GBP),
    ("twelve million pounds", "exact", 12 * M, GBP),
    ("£18.76 per head", "exact", "18.76", HEAD),
    ("£18.76 a head", "exact", "18.76", HEAD),
    ("£19/head", "exact", 19, HEAD),
    ("running costs of £18.76 per head of population", "exact", "18.76", HEAD),
    ("initial plan of -£92m", "exact", -92 * M, GBP),
    ("variance of £-4.2m", "exact", -4_200 * K, GBP),
    ("minus £3m", "exact", -3 * M, GBP),
    ("(£5.2m)", "exact", -5_200 * K, GBP),
    ("‘Establishment reviews’ (£37.5m)", "exact", 37_500 * K, GBP),
    ("£1\u202f065\u202f000", "exact", 1_065_000, GBP),
    ("￡４．５ｂｎ", "exact", 4_500 * M, GBP),
    ("£31.2m¹", "exact", 31_200 * K, GBP),
    ("£14.2m over budget", "exact", 14_200 * K, GBP),
    ("£471m above plan", "exact", 471 * M, GBP),
    ("£9.9m adverse to plan at month 5", "exact", 9_900 * K, GBP),
    ("the overspend hit £7.25m in Q3", "exact", 7_250 * K, GBP),
    ("H2 plan assumes £16m", "exact", 16 * M, GBP),
    ("CIP of £41.7m for FY25", "exact", 41_700 * K, GBP),
    ("a £28m hole in its 2025/26 budget", "exact", 28 * M, GBP),
    # qualifiers
    ("cutting around 600 jobs", "about", 600, POSTS),
    ("circa £34m", "about", 34 * M, GBP),
    ("c. 450 posts", "about", 450, POSTS),
    ("c.450 posts", "about", 450, POSTS),
    ("~£3m", "about", 3 * M, GBP),
    ("some £3 billion", "about", 3 * BN, GBP),
    ("an estimated £1.5bn", "about", 1_500 * M, GBP),
    ("costs estimated at £9m", "about", 9 * M, GBP),
    ("in the region of 120 redundancies", "about", 120, PEOPLE),
    ("close to 450 posts in 2024-25", "about", 450, POSTS),
    ("approaching £200m", "about", 200 * M, GBP),
    ("1 billion or so", "about", BN, None),
    ("600-odd staff", "about", 600, PEOPLE),
    ("roughly an extra £50m", "about", 50 * M, GBP),
    ("approximately a 30 per cent reduction", "about", 30, PERCENT),
    ("approx. 75 WTE", "about", 75, WTE),
    ("more than 2,300 roles", "more_than", 2_300, POSTS),
    ("in excess of £50million", "more_than", 50 * M, GBP),
    ("just over £1bn", "more_than", BN, GBP),
    ("well over 1,000 posts", "more_than", 1_000, POSTS),
    ("upwards of 200 beds", "more_than", 200, BEDS),
    (">£20m", "more_than", 20 * M, GBP),
    ("a deficit exceeding £60m", "more_than", 60 * M, GBP),
    ("over a third", "more_than", Decimal(100) / 3, PERCENT),
    ("more than double", "more_than", 2, TIMES),
    ("at least 300 employees", "at_least", 300, PEOPLE),
    ("500 posts or more", "at_least", 500, POSTS),
    ("500+", "at_least", 500, None),
    ("500+ posts", "at_least", 500, POSTS),
    ("£5m+", "at_least", 5 * M, GBP),
    ("600-plus jobs", "at_least", 600, POSTS),
    ("£412,400 plus VAT", "exact", 412_400, GBP),
    ("a minimum of £49m", "at_least", 49 * M, GBP),
    ("no fewer than 40 beds", "at_least", 40, BEDS),
    ("not less than 5%", "at_least", 5, PERCENT),
    ("≥ 10%", "at_least", 10, PERCENT),
    ("reached nearly £7 billion", "nearly", 7 * BN, GBP),
    ("just under £6bn", "nearly", 6 * BN, GBP),
    ("almost half", "nearly", 50, PERCENT),
    ("just short of 900 staff", "nearly", 900, PEOPLE),
    ("fewer than 50 posts", "nearly", 50, POSTS),
    ("less than 1% of our workforce", "nearly", 1, PERCENT),
    ("shy of £10m", "nearly", 10 * M, GBP),
    ("up to 1,500 posts each", "up_to", 1_500, POSTS),
    ("equivalent to up to 18,000 posts", "up_to", 18_000, POSTS),
    ("up to around 600 jobs", "up_to", 600, POSTS),
    ("as high as £1.5bn", "up_to", 1_500 * M, GBP),
    ("no more than £20m", "up_to", 20 * M, GBP),
    ("a maximum of 90 redundancies", "up_to", 90, PEOPLE),
    ("as many as a thousand workers", "up_to", 1_000, PEOPLE),
    ("capped at £12m", "up_to", 12 * M, GBP),
    ("300 jobs or fewer", "up_to", 300, POSTS),
    ("up to a further 40%", "up_to", 40, PERCENT),
    ("could reach £1bn", "up_to", BN, GBP),
    # ranges
    ("£4.5–5bn", "between", (4_500 * M, 5 * BN), GBP),
    ("£700-750m", "between", (700 * M, 750 * M), GBP),
    ("around £700-750 million pounds", "between", (700 * M, 750 * M), GBP),
    ("between £4.5bn and £5bn nationally", "between", (4_500 * M, 5 * BN), GBP),
    ("between £6 billon and £7 billion", "between", (6 * BN, 7 * BN), GBP),
    ("£1bn-£1.3bn", "between", (BN, 1_300 * M), GBP),
    ("£1 billion to £1.3 billion", "between", (BN, 1_300 * M), GBP),
    ("£1–£1.3bn", "between", (BN, 1_300 * M), GBP),
    ("between £12 and £15 million", "between", (12 * M, 15 * M), GBP),
    ("300-400", "between", (300, 400), None),
    ("300 to 400 jobs", "between", (300, 400), POSTS),
    ("between 150 to 200 jobs", "between", (150, 200), POSTS),
    ("between 200 posts and 500 posts", "between", (200, 500), POSTS),
    ("17 per cent to 20 per cent", "between", (17, 20), PERCENT),
    ("two to three per cent", "between", (2, 3), PERCENT),
    ("5-10%", "between", (5, 10), PERCENT),
    ("by 10 to 15 per cent", "between", (10, 15), PERCENT),
    ("1.5-2bn pounds a year", "between", (1_500 * M, 2 * BN), GBP, "yearly"),
    ("between 1,500 and 2,000 whole time equivalents", "between", (1_500, 2_000), WTE),
    # shares
    ("6 per cent of turnover", "exact", 6, PERCENT),
    ("6pc", "exact", 6, PERCENT),
    ("6 percent", "exact", 6, PERCENT),
    ("six per cent", "exact", 6, PERCENT),
    ("2.5 percentage points", "exact", "2.5", PERCENT),
    ("around a tenth of their posts", "about", 10, PERCENT),
    ("a quarter of its staff", "exact", 25, PERCENT),
    ("by three quarters", "exact", 75, PERCENT),
    ("two thirds of trusts", "exact", Decimal(200) / 3, PERCENT),
    ("a fifth fewer managers", "exact", 20, PERCENT),
    ("halve running costs", "exact", 50, PERCENT),
    ("cut their running costs in half", "exact", 50, PERCENT),
    ("one in ten posts", "exact", 10, PERCENT),
    ("1 in 10", "exact", 10, PERCENT),
    ("1-in-20 jobs", "exact", 5, PERCENT),
    ("three in five trusts", "exact", 60, PERCENT),
    ("four out of ten leaders", "exact", 40, PERCENT),
    ("half a per cent", "exact", "0.5", PERCENT),
    ("a further 40%", "exact", 40, PERCENT),
    ("a 3.6% uplift", "exact", "3.6", PERCENT),
    ("98.7pc of plan", "exact", "98.7", PERCENT),
    # posts, people, WTE, beds, times
    ("600 whole-time equivalent", "exact", 600, WTE),
    ("1,098 WTE", "exact", 1_098, WTE),
    ("743 whole-time equivalent posts", "exact", 743, WTE),
    ("211.4 full-time equivalents", "exact", "211.4", WTE),
    ("600 posts (WTE)", "exact", 600, WTE),
    ("WTE had reduced by 1,113", "exact", 1_113, WTE),
    ("reducing the overall headcount by 600", "exact", 600, PEOPLE),
    ("headcount of around 3,200", "about", 3_200, PEOPLE),
    ("80 members of staff", "exact", 80, PEOPLE),
    ("more than 1,000 staff posts", "more_than", 1_000, POSTS),
    ("18,000 administrative and management jobs", "exact", 18_000, POSTS),
    ("SIX hundred jobs", "exact", 600, POSTS),
    ("two thousand three hundred roles", "exact", 2_300, POSTS),
    ("twenty-five posts", "exact", 25, POSTS),
    ("one hundred and fifty people", "exact", 150, PEOPLE),
    ("six hundred thousand people", "exact", 600_000, PEOPLE),
    ("two dozen jobs", "exact", 24, POSTS),
    ("10k staff", "exact", 10_000, PEOPLE),
    ("2024 posts", "exact", 2_024, POSTS),
    ("2,024 posts", "exact", 2_024, POSTS),
    ("more than 2000", "more_than", 2_000, None),
    ("closure of the 24-bed ward", "exact", 24, BEDS),
    ("64 beds", "exact", 64, BEDS),
    ("1.098", "exact", "1.098", None),
    ("doubled in a year", "exact", 2, TIMES),
    ("treble the planned figure", "exact", 3, TIMES),
    ("three times the year-end deficit", "exact", 3, TIMES),
    ("2.5x last year", "exact", "2.5", TIMES),
    ("twice as large", "exact", 2, TIMES),
    ("42 systems", "exact", 42, None),
    ("one ward", "exact", 1, None),
    ("within two years", "exact", 2, None),
    ("over five years", "exact", 5, None),
    ("450 of them", "exact", 450, None),
    # dates and labels beside a figure
    ("600 posts by March 2028", "exact", 600, POSTS),
    ("in 2024 600 posts went", "exact", 600, POSTS),
    ("£5m by 31 March 2027", "exact", 5 * M, GBP),
    ("£61m in 2025-26", "exact", 61 * M, GBP),
    ("£750 million for 2025 to 2026", "exact", 750 * M, GBP),
    ("month 8 deficit of £4m", "exact", 4 * M, GBP),
    ("last month 13 trusts overspent", "exact", 13, None),
    ("band 8a and above: 35 posts", "exact", 35, POSTS),
    ("in March 24 posts went", "exact", 24, POSTS),
    ("13 may have to close", "exact", 13, None),
    ("£454.9m withheld (1st quarter)", "exact", 454_900_000, GBP),
    ("£500 000", "exact", 500 * K, GBP),
    ("£(3.1)m", "exact", -3_100 * K, GBP),
    ("(£3.1)m", "exact", -3_100 * K, GBP),
    ("£.5m", "exact", 500 * K, GBP),
    (".5 WTE", "exact", "0.5", WTE),
    ("south of £100m", "nearly", 100 * M, GBP),
    ("£60m-plus deficit", "at_least", 60 * M, GBP),
    ("a reduction of 345 in WTE", "exact", 345, WTE),
    ("28 community hospital beds", "exact", 28, BEDS),
    ("one thousand and fifty posts", "exact", 1_050, POSTS),
    ("a million-pound overspend", "exact", M, GBP),
    ("fewer than a dozen compulsory redundancies", "nearly", 12, PEOPLE),
    ("150 whole-time-equivalent nurses", "exact", 150, WTE),
    ("14 May: 30 posts", "exact", 30, POSTS),
    ("£19 per weighted head", "exact", 19, HEAD),
    ("£4\u200b.5bn", "exact", 4_500 * M, GBP),
    ("two and a half per cent", "exact", "2.5", PERCENT),
    ("600¹ posts", "exact", 600, POSTS),
    ("one to two per cent", "between", (1, 2), PERCENT),
    ("anywhere from 300 to 500 jobs", "between", (300, 500), POSTS),
    ("£40m's worth of savings", "exact", 40 * M, GBP),
    ("600 band 2 and 3 staff", "exact", 600, None),
    ("at the very least £15m", "at_least", 15 * M, GBP),
    ("50 p.c. of running costs", "exact", 50, PERCENT),
    ("more than a staggering £100m", "more_than", 100 * M, GBP),
    # recurrence
    ("£1.3bn/year", "exact", 1_300 * M, GBP, "yearly"),
    ("£1bn a year", "exact", BN, GBP, "yearly"),
    ("more than £1 billion per annum", "more_than", BN, GBP, "yearly"),
    ("£14m each year", "exact", 14 * M, GBP, "yearly"),
    ("£3m p.a.", "exact", 3 * M, GBP, "yearly"),
    ("a recurrent saving of £14.9m", "exact", 14_900_000, GBP, "yearly"),
    ("the one-off £1bn bill", "exact", BN, GBP, "one_off"),
    ("£8m non-recurrent support", "exact", 8 * M, GBP, "one_off"),
    ("£8m a year ago", "exact", 8 * M, GBP),
    # zero, and words that count without a number
    ("breakeven", "exact", 0, None),
    ("plans to break even", "exact", 0, None),
    ("a break-even position", "exact", 0, None),
    ("a balanced plan", "exact", 0, None),
    ("a surplus", "exact", 0, None),
    ("nil", "exact", 0, None),
    ("no additional money will go to the NHS", "exact", 0, GBP),
    ("zero redundancies", "exact", 0, PEOPLE),
    ("hundreds of jobs", "unquantified", None, POSTS),
    ("several hundred posts", "unquantified", None, POSTS),
    ("Thousands of NHS staff", "unquantified", None, PEOPLE),
    ("tens of millions of pounds", "unquantified", None, GBP),
    ("dozens of beds", "unquantified", None, BEDS),
]
SEVERAL = [
    ("Nearly nine in ten (88%)", [("nearly", 90, PERCENT), ("exact", 88, PERCENT)]),
    ("nearly half (47%)", [("nearly", 50, PERCENT), ("exact", 47, PERCENT)]),
    ("more than a third (37%)", [("more_than", Decimal(100) / 3, PERCENT), ("exact", 37, PERCENT)]),
    ("from 154 down to 64", [("exact", 154, None), ("exact", 64, None)]),
    ("from 24 to 14 staff members", [("exact", 24, PEOPLE), ("exact", 14, PEOPLE)]),
    ("from £80 million to £40 million", [("exact", 80 * M, GBP), ("exact", 40 * M, GBP)]),
    ("from £517 million to £1.4 billion", [("exact", 517 * M, GBP), ("exact", 1_400 * M, GBP)]),
    ("packages of £44 and £10 million", [("exact", 44 * M, GBP), ("exact", 10 * M, GBP)]),
    ("16 of the 42", [("exact", 16, None), ("exact", 42, None)]),
    ("£54.6 million – 5.6 per cent", [("exact", 54_600 * K, GBP), ("exact", "5.6", PERCENT)]),
    ("reduced by 1.9%/281 whole time equivalent", [("exact", "1.9", PERCENT), ("exact", 281, WTE)]),
    ("16 NHS providers of c£228m", [("exact", 16, None), ("about", 228 * M, GBP)]),
    ("by a further 457 to 7,863", [("exact", 457, None), ("exact", 7_863, None)]),
    ("£5m over three years", [("exact", 5 * M, GBP), ("exact", 3, None)]),
    ("263 full-time posts, or 2%", [("exact", 263, POSTS), ("exact", 2, PERCENT)]),
    ("cut 400 to 300 posts", [("exact", 400, POSTS), ("exact", 300, POSTS)]),
    ("345 wte (4.1%)", [("exact", 345, WTE), ("exact", "4.1", PERCENT)]),
    ("(1,065)(0.8%)", [("exact", -1_065, None), ("exact", "0.8", PERCENT)]),
    ("half the £100m gap", [("exact", 50, PERCENT), ("exact", 100 * M, GBP)]),
    ("600/700 WTE", [("exact", 600, None), ("exact", 700, WTE)]),
    ("13 wards and 200 beds", [("exact", 13, None), ("exact", 200, BEDS)]),
]

NONE = [
    "", "   ", "complete freeze on all recruitment activity", "2024/25", "2025-26", "2025–26",
    "in 2023/24", "2028/29", "2024-2025", "24/25", "by March 2028", "31 March 2027", "November 26",
    "Budget on 26 November", "since 2019", "Q3", "Q3 2025", "H2", "month 8", "months 1-6", "M7", "FY25",
    "quarter three", "year one (2026/27)", "covid-19", "band 8a", "bands 8 and 9", "oversight framework 4",
    "segment 4", "section 114", "1st", "the 21st century", "at 9.30am", "5 pm", "a third round of cuts",
    "the third sector", "the first half of the year", "double-digit growth", "multi-million pound deficit",
    "net zero", "no one", "one of the largest", "round-the-clock care", "24/7 cover", "$5m", "€3 million",
    "five million dollars", "1,09", "1.2.3", "£", "%", "bn", "may", "some", "more than", "between",
    "31/03/2027", "01.04.2026", "operations per 1,000", "unable to break even", "the following quarter",
    "A&E4", "a six-figure sum", "over-65s and under-18s",
]


@pytest.mark.parametrize("row", ONE, ids=lambda row: row[0])
def test_reads_one_figure(row):
    words, qualifier, number, unit, *recurrence = row
    if isinstance(number, tuple):
        number = tuple(map(d, number))
    elif number is not None:
        number = d(number)
    often = recurrence[0] if recurrence else None
    assert [short(r) for r in readings(words)] == [(qualifier, number, unit, often)]


@pytest.mark.parametrize(("words", "expected"), SEVERAL, ids=lambda v: v if isinstance(v, str) else "")
def test_reads_several_figures_in_order(words, expected):
    assert [short(r)[:3] for r in readings(words)] == [(q, d(n), unit) for q, n, unit in expected]


@pytest.mark.parametrize("words", NONE)
def test_reads_no_figure_where_there_is_none(words):
    assert readings(words) == []


def test_both_recurrences_go_with_their_own_figure():
    first, second = readings("recurrent savings of £41m and non-recurrent of £12m")
    assert (first.recurrence, second.recurrence) == ("yearly", "one_off")


def test_keeps_the_words_it_read():
    assert readings("will be cutting around 600 jobs this year")[0].text == "around 600 jobs"


@pytest.mark.parametrize(("cell", "heading", "number", "unit"), [
    ("(1,065)", "£m", -1_065 * M, GBP), ("39.8", "£m", 39_800_000, GBP), ("2.2", "£bn", 2_200 * M, GBP),
    ("750", "£k", 750 * K, GBP), ("1,200", "£000", 1_200_000, GBP), ("412,400", "£", 412_400, GBP),
    ("5.6", "%", "5.6", PERCENT), ("(0.8%)", "%", "-0.8", PERCENT), ("1,098.4", "wte", "1098.4", WTE),
    ("2024", "posts", 2_024, POSTS), ("£4.5bn", "£m", 4_500 * M, GBP), ("600 WTE", "posts", 600, WTE),
    ("-3.1", "£m", -3_100 * K, GBP),
])
def test_a_table_cell_takes_the_unit_of_its_heading(cell, heading, number, unit):
    assert [short(r)[:3] for r in readings(cell, unit=heading)] == [("exact", d(number), unit)]


def test_an_unknown_heading_is_an_error():
    with pytest.raises(ValueError, match="furlongs"):
        readings("5", unit="furlongs")


# words, what was typed
AGREE = [
    ("cutting around 600 jobs", {"value": 600, "qualifier": "about", "unit": POSTS}),
    ("cutting around 600 jobs", {"value": "600", "qualifier": "about"}),
    ("more than 2,300 roles", {"low": 2_300, "qualifier": "more_than", "unit": POSTS}),
    ("reached nearly £7 billion", {"high": 7 * BN, "qualifier": "nearly", "unit": GBP}),
    ("between £4.5bn and £5bn", {"low": 4_500 * M, "high": 5 * BN, "qualifier": "between", "unit": GBP}),
    ("about 1bn this financial year", {"value": BN, "qualifier": "about", "unit": GBP}),
    ("reduction of around 450 instead", {"value": 450, "qualifier": "about", "unit": WTE}),
    ("nearly half (47%)", {"value": 47, "qualifier": "exact", "unit": PERCENT}),
    ("nearly half (47%)", {"high": 50, "qualifier": "nearly", "unit": PERCENT}),
    ("over a third", {"low": "33.3", "qualifier": "more_than", "unit": PERCENT}),
    ("two thirds of posts", {"value": 67, "qualifier": "exact", "unit": PERCENT}),
    ("from 154 down to 64", {"value": 90, "qualifier": "exact"}),
    ("from £61.7m to £30.2m", {"value": 31_500_000, "qualifier": "exact", "unit": GBP}),
    ("from 4 to 6 per cent", {"low": 4, "high": 6, "qualifier": "between", "unit": PERCENT}),
    ("hundreds of jobs", {"qualifier": "unquantified", "unit": POSTS}),
    ("no clear plan", {"qualifier": "unquantified"}),
    ("hundreds of jobs over two years", {"qualifier": "unquantified"}),
    ("a freeze within two years", {"qualifier": "unquantified"}),
    ("£18.76", {"value": "18.76", "qualifier": "exact", "unit": HEAD}),
    ("39.8", {"value": 39_800_000, "qualifier": "exact", "unit": GBP, "in_unit": "£m"}),
    ("a £5m surplus", {"value": -5 * M, "qualifier": "exact", "unit": GBP, "deficit": True}),
    ("more than a £5m surplus", {"high": -5 * M, "qualifier": "nearly", "deficit": True}),
    ("a deficit of £5m", {"value": 5 * M, "qualifier": "exact", "deficit": True}),
    ("initial plan of -£92m", {"value": 92 * M, "qualifier": "exact", "deficit": True}),
    ("(1,065)", {"value": 1_065 * M, "qualifier": "exact", "in_unit": "£m", "deficit": True}),
    ("£5m deficit against a £3m surplus", {"value": 5 * M, "qualifier": "exact", "deficit": True}),
    ("£5m deficit against a £3m surplus", {"value": -3 * M, "qualifier": "exact", "deficit": True}),
    ("a £1.2m underspend", {"value": -1_200_000, "qualifier": "exact", "deficit": True}),
    ("£3m adverse to plan", {"value": 3 * M, "qualifier": "exact", "deficit": True}),
    ("break even", {"value": 0, "qualifier": "exact", "unit": GBP, "deficit": True}),
]

# words, what was typed, the fields that must be named
DISAGREE = [
    # a scale, a digit
    ("put the deficit at £100m", {"value": 100 * BN, "qualifier": "exact"}, ["value"]),
    ("just under £6bn", {"high": 6 * M, "qualifier": "nearly"}, ["high"]),
    ("cutting around 600 jobs", {"value": 60, "qualifier": "about"}, ["value"]),
    ("cutting around 600 jobs", {"value": 6_000, "qualifier": "about"}, ["value"]),
    ("£102.5million deficit", {"value": 1_025_000_000, "qualifier": "exact"}, ["value"]),
    ("more than 2,300 roles", {"low": 2_330, "qualifier": "more_than"}, ["low"]),
    ("39.8", {"value": "39.8", "qualifier": "exact", "in_unit": "£m"}, ["value"]),
    # a unit
    ("6 per cent of turnover", {"value": 6, "qualifier": "exact", "unit": GBP}, ["unit"]),
    ("£6m", {"value": 6 * M, "qualifier": "exact", "unit": PERCENT}, ["unit"]),
    ("80 members of staff", {"value": 80, "qualifier": "exact", "unit": WTE}, ["unit"]),
    ("600 WTE", {"value": 600, "qualifier": "exact", "unit": PEOPLE}, ["unit"]),
    ("600 jobs", {"value": 600, "qualifier": "exact", "unit": WTE}, ["unit"]),
    ("£18.76 per head", {"value": "18.76", "qualifier": "exact", "unit": GBP}, ["unit"]),
    ("£5m over 5 years", {"value": 5, "qualifier": "exact", "unit": GBP}, ["unit"]),
    ("£5m across 13 trusts", {"value": 13, "qualifier": "exact", "unit": GBP}, ["unit"]),
    # a qualifier
    ("cutting around 600 jobs", {"value": 600, "qualifier": "exact"}, ["qualifier"]),
    ("600 jobs", {"value": 600, "qualifier": "about"}, ["qualifier"]),
    ("more than 2,300 roles", {"value": 2_300, "qualifier": "exact"}, ["qualifier"]),
    ("more than 2,300 roles", {"low": 2_300, "qualifier": "at_least"}, ["qualifier"]),
    ("nearly £7 billion", {"value": 7 * BN, "qualifier": "about"}, ["qualifier"]),
    ("up to 1,500", {"high": 1_500, "qualifier": "nearly"}, ["qualifier"]),
    ("up to 1,500", {"low": 1_500, "qualifier": "at_least"}, ["qualifier"]),
    # bounds
    ("between £4.5bn and £5bn", {"low": 5 * BN, "high": 4_500 * M, "qualifier": "between"}, ["low", "high"]),
    ("between £4.5bn and £5bn", {"low": 4_500 * M, "qualifier": "between"}, ["high"]),
    ("more than 2,300", {"value": 2_300, "low": 2_300, "qualifier": "more_than"}, ["value"]),
    ("more than 2,300", {"value": 2_300, "qualifier": "more_than"}, ["value", "low"]),
    ("around 600", {"value": 600, "low": 550, "qualifier": "about"}, ["low"]),
    # signs
    ("a £5m surplus", {"value": 5 * M, "qualifier": "exact", "deficit": True}, ["value"]),
    ("a deficit of £5m", {"value": -5 * M, "qualifier": "exact", "deficit": True}, ["value"]),
    ("initial plan of -£92m", {"value": 92 * M, "qualifier": "exact"}, ["value"]),
    # several slips, no figure, nothing typed
    ("around 600 jobs", {"value": 60, "qualifier": "exact", "unit": GBP}, ["value", "qualifier", "unit"]),
    ("a recruitment freeze", {"value": 600, "qualifier": "exact"}, ["figure"]),
    ("600 jobs", {"qualifier": "unquantified"}, ["value", "qualifier"]),
    ("no clear plan", {"value": 5, "qualifier": "unquantified"}, ["figure"]),
    ("hundreds of jobs", {"value": 200, "qualifier": "about"}, ["value", "qualifier"]),
    ("by March 2028", {"value": 2_028, "qualifier": "exact"}, ["figure"]),
    ("13 wards and 200 beds", {"value": 187, "qualifier": "exact"}, ["value"]),
    # typed nonsense is reported, not raised
    ("600 jobs", {"value": "six", "qualifier": "exact"}, ["value"]),
    ("600 jobs", {"value": "NaN", "qualifier": "exact"}, ["value"]),
    ("600 jobs", {"value": 600, "qualifier": "exactly"}, ["qualifier"]),
    ("600 jobs", {"value": 600, "qualifier": "exact", "in_unit": "furlongs"}, ["in_unit"]),
]


@pytest.mark.parametrize(("words", "typed"), AGREE)
def test_agrees(words, typed):
    assert [str(slip) for slip in agrees(words, **typed)] == []


@pytest.mark.parametrize(("words", "typed", "fields"), DISAGREE)
def test_disagrees_and_names_the_fields(words, typed, fields):
    slips = agrees(words, **typed)
    assert [slip.field for slip in slips] == fields
    assert all(str(slip) for slip in slips)


def test_the_message_says_typed_found_where_and_why():
    (slip,) = agrees("put the deficit at £100m", value=100 * BN, qualifier="exact", unit=GBP)
    assert str(slip) == 'value £100bn does not match "£100m", which gives £100m: thousand, m or bn mixed up?'
    (slip,) = agrees("cutting around 600 jobs", value=60, qualifier="about")
    assert str(slip) == 'value 60 does not match "around 600 jobs", which gives 600: a digit lost or doubled?'
    (slip,) = agrees("a recruitment freeze", value=600, qualifier="exact")
    assert str(slip) == "no figure was found in the words"


def test_the_nearest_reading_is_named():
    (slip,) = agrees("cut 1,200 posts in 3 trusts", value=1_100, qualifier="exact")
    assert slip.found == 1_200


@pytest.mark.parametrize(("words", "text"), [
    ("more than 2,300 roles", "more than 2,300 posts"), ("around £4.5bn", "about £4.5bn"),
    ("£1 billion to £1.3 billion a year", "between £1bn and £1.3bn a year"),
    ("£18.76 per head", "£18.76 a head"),
    ("one-off £1,000,001", "£1,000,001 (one-off)"), ("up to 50 per cent", "up to 50%"), ("a third", "33.33%"),
    ("hundreds of jobs", "an unstated number of posts"), ("-£92m", "-£92m"), ("treble", "3 times"),
    ("millions of pounds", "an unstated amount of money"),
])
def test_describe(words, text):
    assert describe(readings(words)[0]) == text


HOSTILE = [
    "9" * 900, "9" * 10_000_000, "1," * 499, "1.1." * 249, "(" * 900 + "5" + ")" * 90, "£" * 999, "-" * 999,
    "a " * 499, "more than " * 99, "one hundred and " * 62, "million " * 124, "2024/" * 199,
    "between 1 and " * 71,
    "1 in " * 199, "half of a " * 99, "\ufdfa" * 900, "\x00\ud800", "٣٤", "½" * 300,
    "1" + "0" * 14 + " trillion " * 80,
    "£1e999999999", "NaN", "Infinity", "two " * 249, "to 5 " * 199, "+" * 999, "£(" * 400, "( 5 " * 200,
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_read_fast_and_never_raise(words):
    start = time.perf_counter()
    for reading in readings(words):
        describe(reading)
    agrees(words, value=1, qualifier="exact", deficit=True)
    assert time.perf_counter() - start < 1


def test_too_long_is_no_figure():
    assert readings("£5m".ljust(MAX_LENGTH)) != []
    assert readings("£5m".ljust(MAX_LENGTH + 1)) == []
    assert readings("9" * 16) == []
    assert readings(None) == []


@given(st.text(max_size=80), st.sampled_from([None, *HEADERS]))
def test_any_text_is_read_without_raising(words, heading):
    for reading in readings(words, unit=heading):
        assert describe(reading) and reading.qualifier in QUALIFIERS


PARTS = ("a one two 5 600 2024 2.5 £ % - / ( ) to and in of half third quarter m bn million hundred more "
         "than up posts staff WTE year month March between from surplus per head plus , . 1/2 +")


@given(st.lists(st.sampled_from(PARTS.split()), max_size=12))
def test_any_mixture_of_known_words_is_read_without_raising(parts):
    for joint in (" ", ""):
        for reading in readings(joint.join(parts)):
            assert describe(reading)


AMOUNTS = st.decimals(min_value="0.01", max_value=999, places=2)
SCALES = st.sampled_from([
    (1, ""), (K, "k"), (M, "m"), (M, " million"), (BN, "bn"), (BN, "BN"), (BN, " billion")])


@given(AMOUNTS, SCALES, st.sampled_from(["£", "£ ", "GBP ", "￡"]), st.booleans())
def test_money_reads_back_exactly(amount, scale, pound, closed):
    factor, letters = scale
    words = f"a gap of {pound}{amount}{letters}{'.' if closed else ''}"
    (reading,) = readings(words)
    assert (reading.value, reading.unit) == (amount * factor, GBP)
    assert agrees(words, value=amount * factor, qualifier="exact", unit=GBP) == []
    wrong_scale = agrees(words, value=amount * factor * 1_000, qualifier="exact", unit=GBP)
    assert [slip.field for slip in wrong_scale] == ["value"] and "mixed up" in str(wrong_scale[0])


@given(st.integers(1, 10**9), st.sampled_from([POSTS, WTE, PEOPLE, BEDS]), st.sampled_from(
    ["exact", "about", "more_than", "at_least", "nearly", "up_to"]))
def test_a_described_count_reads_back(number, unit, qualifier):
    slot = BOUNDS.get(qualifier, "value")
    slots = {"value": None, "low": None, "high": None, slot: Decimal(number)}
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
