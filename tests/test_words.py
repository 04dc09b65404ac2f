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


def d(number: object) -> Decimal:
    return Decimal(str(number))


def short(reading: Reading) -> tuple:
    """(qualifier, number or (low, high), unit, recurrence), and the slots that must be empty are."""
    slots = {"value": reading.value, "low": reading.low, "high": reading.high}
    used = {"exact": ["value"], "about": ["value"], "more_than": ["low"], "at_least": ["low"], "nearly": ["high"],
            "up_to": ["high"], "between": ["low", "high"], "unquantified": []}[reading.qualifier]
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
    ("16 providers’ c£228m", None, None, None),
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
    # recurrence
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
ONE = [row for row in ONE if row[1]]

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
    ("13 wards and 200 beds", [("exact", 13, None), ("exact", 200, BEDS)]),
]

NONE = [
    "", "   ", "complete freeze on all recruitment activity", "2024/25", "2025-26", "2025–26", "in 2023/24", "2028/29",
    "2024-2025", "24/25", "by March 2028", "31 March 2027", "November 26", "Budget on 26 November", "since 2019", "Q3",
    "Q3 2025", "H2", "month 8", "months 1-6", "M7", "FY25", "quarter three", "year one (2026/27)", "covid-19", "band 8a",
    "bands 8 and 9", "oversight framework 4", "segment 4", "section 114", "1st", "the 21st century", "at 9.30am",
    "5 pm", "a third round of cuts", "the third sector", "the first half of the year", "double-digit growth",
    "multi-million pound deficit", "net zero", "no one", "one of the largest", "round-the-clock care", "24/7 cover",
    "$5m", "€3 million", "five million dollars", "1,09", "1.2.3", "£", "%", "bn", "may", "some", "more than", "between",
    "31/03/2027", "01.04.2026", "operations per 1,000", "unable to break even", "the following quarter", "A&E4",
    "over-65s and under-18s",
]


@pytest.mark.parametrize("row", ONE, ids=lambda row: row[0])
def test_reads_one_figure(row):
    words, qualifier, number, unit, *recurrence = row
    if isinstance(number, tuple):
        number = tuple(map(d, number))
    elif number is not None:
        number = d(number)
    assert [short(r) for r in readings(words)] == [(qualifier, number, unit, recurrence[0] if recurrence else None)]


@pytest.mark.parametrize(("words", "expected"), SEVERAL, ids=lambda v: v if isinstance(v, str) else "")
def test_reads_several_figures_in_order(words, expected):
    assert [short(r)[:3] for r in readings(words)] == [(q, d(n), unit) for q, n, unit in expected]


@pytest.mark.parametrize("words", NONE)
def test_reads_no_figure_where_there_is_none(words):
    assert readings(words) == []
