"""What is computed: the current claim, the status, what counts and what never counts twice."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import counting, derive
from pipeline.read import Document
from pipeline.rules import Model, Record, calculate

AS_OF = date(2026, 11, 21)
SOURCE = {"url": "https://example.org/a", "publisher": "A", "tier": "press", "role": "origin", "says": "x"}


def claim(id, stage, when, value=None, qualifier="exact", sources=None, **more):
    figure = (
        {}
        if value is None
        else {
            "low" if qualifier == "more_than" else "high" if qualifier in ("up_to", "nearly") else "value": Decimal(
                value
            )
        }
    )
    return {
        "id": id,
        "stage": stage,
        "date": when,
        "qualifier": qualifier,
        "sources": sources or [dict(SOURCE)],
        **figure,
        **more,
    }


@pytest.fixture(scope="module")
def registers(checked):
    return checked.model.registers


@pytest.fixture(scope="module")
def make(registers):
    """Build a model of records given as (id, kind, data)."""

    def build(*records):
        model = Model(registers=registers)
        for id, kind, data in records:
            whole = {"organisation": "RAJ", "measure": "wte_removed", "period": "2024-25", "title": id} | data
            model.records[id] = Record(Document(f"{id}.yml", {}, {}, id, kind), whole)
        return model

    return build


def status_of(make, kind, claims, as_of=AS_OF, **data):
    model = make(("r", kind, {"claims": claims} | data))
    return derive.status(model.records["r"], model, as_of)


def test_status_of_a_cut(make):
    plan = claim("p", "planned", "2024-04", 600, "about")
    assert status_of(make, "cut", [plan, claim("o", "outturn", "2025-05", 450, "about")]) == "delivered_in_part"
    assert status_of(make, "cut", [plan, claim("o", "outturn", "2025-05", 600)]) == "delivered"
    assert status_of(make, "cut", [plan, claim("o", "outturn", "2025-05", 700)]) == "exceeded"
    assert status_of(make, "cut", [plan, claim("o", "outturn", "2025-05", 700, "more_than")]) == "outcome_known"
    assert status_of(make, "cut", [plan, claim("s", "paused", "2024-06", None, "unquantified")]) == "paused"
    assert (
        status_of(make, "cut", [claim("s", "paused", "2024-03", None, "unquantified"), plan], date(2025, 1, 1))
        == "under_way"
    )
    assert status_of(make, "cut", [claim("s", "scenario", "2024-04", 2300, "more_than")]) == "scenario"


def test_a_plan_without_outcome_is_unresolved_a_year_after_its_period(make):
    plan = [claim("p", "planned", "2024-04", 600)]
    assert status_of(make, "cut", plan, date(2026, 3, 30)) == "under_way"
    assert status_of(make, "cut", plan, date(2026, 3, 31)) == "unresolved"
    assert status_of(make, "cut", plan, date(2030, 1, 1), period="from 2024-04") == "under_way"


def test_status_of_deficits_and_deals(make):
    plan = claim("p", "planned", "2024-04", 100)
    assert (
        status_of(make, "deficit", [plan, claim("o", "outturn", "2025-05", 120)], measure="deficit")
        == "worse_than_plan"
    )
    assert (
        status_of(make, "deficit", [plan, claim("o", "outturn", "2025-05", 80)], measure="deficit")
        == "better_than_plan"
    )
    asked = claim("a", "requested", "2025-10", 1000)
    assert status_of(make, "deal", [asked], measure="funding_added") == "requested"
    assert (
        status_of(
            make, "deal", [asked, claim("n", "refused", "2025-11", None, "unquantified")], measure="funding_added"
        )
        == "refused"
    )


def test_a_denial_stands_beside_the_claim_and_never_takes_its_place(make):
    denial = claim("d", "refused", "2025-12", None, "unquantified", sources=[SOURCE | {"role": "disputes"}])
    model = make(
        ("r", "deal", {"measure": "overspend_permission", "claims": [claim("a", "agreed", "2025-11", 10**9), denial]})
    )
    stages = model.by_id("stages", "kind", "stage")
    assert derive.current_claim(model.records["r"], stages)["id"] == "a"
    assert derive.status(model.records["r"], model, AS_OF) == "agreed"


def test_a_later_stage_wins_over_a_later_date_and_a_replaced_claim_never_is_current(make):
    outturn, forecast = claim("o", "outturn", "2025-05", 90), claim("f", "forecast", "2025-06", 80)
    corrected = claim("c", "outturn", "2025-07", 95, replaces="o", because="our_correction")
    model = make(
        ("r", "deficit", {"measure": "deficit", "claims": [outturn, forecast]}),
        ("s", "deficit", {"claims": [outturn, corrected]}),
    )
    stages = model.by_id("stages", "kind", "stage")
    assert derive.current_claim(model.records["r"], stages)["id"] == "o"
    assert derive.current_claim(model.records["s"], stages)["id"] == "c"


def test_part_of_a_year_words_and_weak_sources_never_displace_a_figure(make):
    plan, part = claim("p", "planned", "2024-04", 85), claim("y", "year_to_date", "2024-07", 40)
    words, outcome = (claim(stage, stage, "2025-05", None, "unquantified") for stage in ("forecast", "outturn"))
    weak = claim("w", "forecast", "2025-02", 99, sources=[SOURCE | {"tier": "weak", "url": "https://example.org/w"}])
    model = make(
        *[
            (str(i), "deficit", {"measure": "deficit", "claims": claims})
            for i, claims in enumerate(
                [[plan, part], [plan, words], [plan, weak], [part], [plan, words, outcome], [weak]]
            )
        ]
    )
    stages = model.by_id("stages", "kind", "stage")
    current = [derive.current_claim(model.records[str(i)], stages)["id"] for i in range(6)]
    assert current == ["p", "p", "p", "y", "outturn", "w"]
    reasons = counting.counting(model)
    assert "year to date" in reasons["3"] and "weak" in reasons["5"]


def test_a_vague_date_is_ordered_only_where_it_can_be():
    dates = ["2025-03-06", "2025-03", "2025", "2024-12", "2025-03-05", "2026"]
    claims = [{"id": str(i), "date": date} for i, date in enumerate(dates)]
    ordered = [c["date"] for c in derive.in_order(claims)]
    assert ordered.index("2024-12") < ordered.index("2025-03-05") < ordered.index("2025-03-06") < ordered.index("2026")
    assert [c["id"] for c in derive.in_order([{"id": "a", "date": "2025-03-06"}, {"id": "b", "date": "2025-03"}])] == [
        "a",
        "b",
    ]


def test_copies_and_rewrites_do_not_corroborate():
    details = {
        "https://example.org/a": {"publisher": "A", "tier": "press"},
        "https://example.org/b": {"publisher": "B", "tier": "press"},
        "https://example.org/c": {"publisher": "C", "tier": "weak"},
    }
    sources = [
        SOURCE,
        SOURCE | {"url": "https://example.org/b", "role": "repeats"},
        SOURCE | {"url": "https://example.org/c"},
    ]
    assert derive.origins({"sources": sources}, details) == 1
    assert derive.origins({"sources": [SOURCE, SOURCE | {"url": "https://example.org/b"}]}, details) == 2


@pytest.mark.parametrize(
    "change,reason",
    [
        ({"claims": [claim("s", "scenario", "2024-04", 2300, "more_than")]}, "scenario"),
        ({"measure": "staff_transferred"}, "another employer"),
        ({"measure": "agreed_resignations"}, "not a job cut"),
        ({"measure": "workforce_share"}, "percentage"),
        ({"scope": {"mechanism": "agreed_resignation"}}, "is not a cut"),
        ({"claims": [claim("p", "planned", "2024-04", None, "unquantified")]}, "in words"),
        (
            {"claims": [claim("p", "planned", "2024-04", 5), claim("w", "withdrawn", "2024-06", None, "unquantified")]},
            "withdrawn",
        ),
        ({"withdrawn": "we erred"}, "withdrawn"),
    ],
)
def test_what_is_in_no_total_says_why(make, change, reason):
    model = make(("r", "cut", {"claims": [claim("p", "planned", "2024-04", 600)]} | change))
    assert reason in counting.counting(model)["r"]
    assert counting.totals(model) == []


def test_totals_are_intervals_and_never_mix_levels_measures_or_years(make):
    model = make(
        ("a", "cut", {"claims": [claim("p", "planned", "2024-04", 600)]}),
        ("b", "cut", {"organisation": "RJE", "claims": [claim("p", "planned", "2024-04", 400, "up_to")]}),
        ("c", "cut", {"organisation": "RRE", "claims": [claim("p", "planned", "2024-04", 50, "more_than")]}),
        ("d", "cut", {"organisation": "nhs-england", "claims": [claim("p", "planned", "2024-04", 9000)]}),
        ("e", "cut", {"organisation": "RLY", "period": "2025-26", "claims": [claim("p", "planned", "2025-04", 7)]}),
    )
    found = {(t["level"], t["period"]): (t["low"], t["high"], t["records"]) for t in counting.totals(model)}
    assert found == {
        ("organisation", "2024-25"): (650, None, 3),
        ("national", "2024-25"): (9000, 9000, 1),
        ("organisation", "2025-26"): (7, 7, 1),
    }


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_post_is_counted_twice_however_records_nest_and_overlap(make, data):
    """Random forests of records, each with its own set of posts; a part's posts lie inside its whole's."""
    size = data.draw(st.integers(1, 9))
    posts, free, records = [], [], []
    for i in range(size):
        parents = [j for j in range(i) if free[j]]
        parent = data.draw(st.sampled_from([None, *parents]))
        if parent is None:
            own = [(i, n) for n in range(data.draw(st.integers(1, 40)))]
        else:  # siblings are disjoint, as breakdowns are
            own = [free[parent].pop() for _ in range(data.draw(st.integers(1, len(free[parent]))))]
        posts.append(own)
        free.append(list(own))
        records.append({} if parent is None else {"part_of": [f"r{parent}"]})
    roots = [i for i in range(size) if not records[i]]
    for a, b in zip(roots, roots[1:], strict=False):
        if data.draw(st.booleans()):  # which posts two records share is unknown: any of them, and so of their parts
            shared = data.draw(st.sampled_from([post for post in posts[a] if post[0] == a]))
            for i in range(size):
                if i == b or (i > b and records[i].get("part_of") == [f"r{b}"] and data.draw(st.booleans())):
                    posts[i] = [*posts[i], shared]
            holders = [
                i for i in range(size) if shared in posts[i] and i != b and f"r{b}" not in records[i].get("part_of", [])
            ]
            records[b]["overlaps"] = [f"r{data.draw(st.sampled_from(holders))}"]  # the whole, or a part that holds it
    model = make(
        *[
            (f"r{i}", "cut", records[i] | {"claims": [claim("p", "planned", "2024-04", len(posts[i]))]})
            for i in range(size)
        ]
    )
    counted = [i for i in range(size) if not counting.counting(model)[f"r{i}"]]
    every = [post for i in counted for post in posts[i]]
    assert len(every) == len(set(every))
    (total,) = counting.totals(model)
    assert total["low"] == total["high"] == len(every)
    assert counted, "something is always counted"


def test_a_complete_breakdown_adds_up_within_rounding(make):
    def faults(whole, *parts, **data):
        records = [
            (
                f"p{i}",
                "deficit",
                {"measure": "deficit", "part_of": ["w"], "claims": [claim("o", "outturn", "2025-05", v)]},
            )
            for i, v in enumerate(parts)
        ]
        whole = {"measure": "deficit", "breakdown": "complete", "claims": [claim("o", "outturn", "2025-05", whole)]}
        return list(counting.breakdown_faults(make(("w", "deficit", whole | data), *records)))

    assert faults(2_500_000_000, 311_000_000, 2_200_000_000) == [], "each is rounded on its own"
    assert faults(100, 60, 40) == faults(10, 7, 2) == []
    (fault,) = faults(2_500_000_000, 311_000_000, 1_200_000_000)
    assert fault.rule == "breakdown-sum" and "1511000000" in fault.found
    assert [counting.rounding(Decimal(n)) for n in ("2200000000", "18.76", "7", "0")] == [
        Decimal(n) for n in ("50000000", "0.005", "0.5", "0.5")
    ]


@pytest.mark.parametrize(
    "expression,result",
    [
        ("154 - 64", 90),
        ("2200000000 + 311000000", 2511000000),
        ("(10 + 2) * 3", 36),
        ("1 / 4", Decimal("0.25")),
        ("-5 + 3", -2),
        ("2 ** 9", None),
        ("1 / 0", None),
        ("1 +", None),
        ("", None),
        ("(" * 80, None),
        ("1 // 2", None),
        (". + 1", None),
    ],
)
def test_arithmetic_of_derived_values(expression, result):
    assert calculate(expression) == result
