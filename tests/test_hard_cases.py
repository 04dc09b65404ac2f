"""The fifteen hard cases of the data model, each expressed by a real record and told apart as the model demands."""

import pytest

from pipeline import counting


@pytest.fixture(scope="module")
def t(checked):
    """Everything a case needs: rows of a table by their ids."""

    class Data:
        record = {row["record_id"]: row for row in checked.tables["records"].rows}
        claim = {(row["record_id"], row["claim_id"]): row for row in checked.tables["claims"].rows}
        finding = {(row["record_id"], row["finding_id"]): row for row in checked.tables["survey_findings"].rows}
        evidence = checked.tables["evidence"].rows
        links = {(row["record_id"], row["link"], row["target_id"]) for row in checked.tables["record_links"].rows}
        organisations = {row["organisation_id"]: row for row in checked.tables["organisations"].rows}
        organisation_links = checked.tables["organisation_links"].rows
        measures = {row["measure"]: row for row in checked.tables["measures"].rows}
        totals = counting.totals(checked.model)

        def of(self, record):
            return [row for (id, _), row in self.claim.items() if id == record]

        def values(self, record):
            return {row[k] for row in self.of(record) for k in ("value", "low", "high") if row[k] is not None}

    return Data()


def test_1_a_scenario_is_never_a_cut(t):
    record = t.record["qnc-providers-2024-25-posts"]
    (claim,) = t.of(record["record_id"])
    assert (claim["stage"], claim["value"], claim["low"], claim["high"], claim["qualifier"]) == (
        "scenario",
        None,
        2300,
        None,
        "more_than",
    )
    assert (claim["share_percent"], claim["share_of"].split()[0]) == (10, "posts")
    assert record["status"] == "scenario" and not record["counted"] and "scenario" in record["why_not_counted"]


def test_2_perimeters_are_different_records_and_sources_that_differ_stand_side_by_side(t):
    assert {100_000_000, 102_500_000, 91_000_000} <= t.values("raj-2024-25-deficit")
    assert 96_000_000 in t.values("qh8-system-2024-25-deficit")
    levels = {t.record[r]["level"] for r in ("raj-2024-25-deficit", "qh8-system-2024-25-deficit")}
    assert levels == {"organisation", "system"}
    assert ("raj-2024-25-deficit", "part_of", "qh8-system-2024-25-deficit") in t.links


def test_3_vintages_stay_with_what_replaced_them(t):
    gap = [
        (c["low"], c["high"], c["value"])
        for c in sorted(t.of("nhs-systems-2024-25-deficit-before-support"), key=lambda c: c["date"])
    ]
    bn = 1_000_000_000
    for vintage in [
        (None, 6 * bn, None),
        (4.5 * bn, 5 * bn, None),
        (None, None, 4.5 * bn),
        (None, None, 3 * bn),
        (None, None, 2.2 * bn),
    ]:
        assert vintage in gap
    assert t.record["nhs-systems-2024-25-deficit-before-support"]["current_claim_id"] == "agreed"
    repeated = t.claim["nhs-systems-2025-26-deficit-before-support", "shortfall-repeated"]
    assert repeated["date"] >= "2025-05" and not repeated["is_current"] and repeated["qualifier"] == "nearly"


def test_4_the_same_number_for_another_thing_is_another_record(t):
    for record in ("nhs-systems-2024-25-deficit-before-support", "nhs-systems-2025-26-deficit-before-support"):
        assert 2_200_000_000 in t.values(record)
    assert 18000 in t.values("nhs-england-dhsc-icbs-2028-posts")
    assert "workforce" in t.record["nhs-england-dhsc-icbs-2028-posts"]["notes"]
    billion = {
        row["measure"]
        for (id, _), row in t.claim.items()
        if 1_000_000_000 in (row["value"], row["low"]) and "nhs-england-dhsc-icbs" in id
    }
    assert {"one_off_cost", "yearly_saving"} <= billion


def test_5_permission_is_not_money_and_a_denial_stands_beside_it(t):
    permission = next(r for r in t.record.values() if r["measure"] == "overspend_permission")
    assert not permission["counted"] and "permission is not money" in permission["why_not_counted"]
    (denial,) = [c for c in t.of(permission["record_id"]) if c["disputed"]]
    assert denial["stage"] == "refused" and not denial["is_current"]
    assert any(c["value"] == 860_000_000 and c["measure"] == "funding_reprofiled" for c in t.claim.values())
    assert any(c["value"] == 0 and c["measure"] == "new_money" for c in t.claim.values())


def test_6_a_level_against_a_base_year_is_no_sum(t):
    level = t.record["nhs-2028-29-real-increase"]
    assert (level["baseline"], level["prices"], level["measure"]) == ("2023-24", "real", "real_increase") and not level[
        "counted"
    ]
    bases = {r["baseline"] for r in t.record.values() if r["measure"] == "real_increase"}
    assert {"2023-24", "2025-26"} <= bases
    assert 18_500_000_000 in {
        v for r in t.record.values() if r["measure"] == "real_increase" for v in t.values(r["record_id"])
    }


def test_7_a_percentage_belongs_to_its_denominator(t):
    fifty = {
        row["measure"] for row in t.claim.values() if 50 in (row["value"], row["high"]) and row["unit"] == "percent"
    }
    assert {"running_costs_share", "workforce_share", "corporate_cost_growth_share"} <= fifty
    assert any(float(c["value"] or 0) == 18.76 and c["unit"] == "GBP_per_head" for c in t.claim.values())
    assert not any(total["unit"] == "percent" for total in t.totals)


def test_8_a_deadline_that_moves_is_the_claims_own(t):
    for record in ("icbs-2025-running-costs", "icbs-2025-workforce"):
        periods = {c["period"] for c in t.of(record)}
        assert len(periods) > 1, record
    assert any(c["period"].startswith("by 2028-03") for c in t.of("icbs-2025-workforce"))


def test_9_a_reversal_ends_a_policy_and_transfers_and_agreed_resignations_are_no_cuts(t):
    assert t.record["trusts-2025-subsidiaries"]["status"] in ("paused", "withdrawn")
    for measure in ("staff_transferred", "agreed_resignations"):
        found = [r for r in t.record.values() if r["measure"] == measure]
        assert found and not any(r["counted"] for r in found)


def test_10_posts_people_and_wte_are_three_units(t):
    units = {t.measures[m]["unit"] for m in ("posts_removed", "people_leaving", "wte_removed")}
    assert units == {"posts", "people", "wte"}
    assert {total["unit"] for total in t.totals if total["kind"] == "cut"} >= units
    plan = t.claim["raj-2024-25-wte", "plan"]
    assert plan["unit"] == "wte" and "jobs" in plan["unit_as_worded"]
    assert (
        t.record["raj-2024-25-wte"]["mechanism"] == "vacancy"
        and t.record["raj-2024-25-wte"]["status"] == "delivered_in_part"
    )


def test_11_deficit_support_offsets_and_is_never_added(t):
    offsets = {(a, b) for a, link, b in t.links if link == "offsets"}
    assert ("qh8-system-2024-25-deficit-support", "qh8-system-2024-25-deficit") in offsets
    for support, deficit in offsets:
        assert t.record[support]["measure"] in ("deficit_support", "funding_added")
        assert (t.record[support]["kind"], t.record[deficit]["kind"]) == ("deal", "deficit")
    after = [r for r in t.record.values() if r["deficit_support"] == "after"]
    assert after and not any(r["counted"] for r in after)


def test_12_figures_add_up_only_within_rounding(t):
    (before,) = [
        c["value"] for c in t.of("nhs-systems-2025-26-deficit-before-support") if c["claim_id"] == "second-cut"
    ]
    (after,) = [c["value"] for c in t.of("nhs-systems-2025-26-deficit-after-support") if c["value"] == 311_000_000]
    support = 2_200_000_000
    assert support in t.values("nhs-systems-2025-26-deficit-support")
    assert after + support != before, "the three are rounded apart: an exact sum check would refuse what is right"
    assert abs(after + support - before) <= 100_500_000, "half a unit of each figure's last digit: 50m + 50m + 0.5m"
    whole = "qnc-system-2025-26-savings"
    parts = [record for record, link, target in t.links if (link, target) == ("part_of", whole)]
    value, *values = [t.claim[r, t.record[r]["current_claim_id"]]["value"] for r in (whole, *parts)]
    assert t.record[whole]["breakdown"] == "complete" and len(parts) == 4 and 0 < abs(sum(values) - value) < 1_000_000


def test_13_figures_stay_with_the_body_as_it_was_and_successors_are_links(t):
    split = {row["organisation_id"] for row in t.organisation_links if row["link"] == "partly_succeeded_by"}
    merged = {row["organisation_id"] for row in t.organisation_links if row["link"] == "succeeded_by"}
    boards = {id for id, row in t.organisations.items() if row["type"] == "icb"}
    assert split & boards and merged & boards
    assert (
        t.organisations["QH8"]["closed"] == "2026-04-01"
        and t.record["qh8-system-2024-25-deficit"]["organisation_id"] == "QH8-system"
    )


def test_14_words_without_numbers_are_recorded_and_never_a_number(t):
    (freeze,) = t.of("raj-2024-25-recruitment-freeze")
    assert freeze["qualifier"] == "unquantified" and freeze["value"] is freeze["low"] is freeze["high"] is None
    assert any(row["unit"] == "words" for row in t.finding.values()), "services named as at risk"
    assert any(c["qualifier"] == "unquantified" and c["unit"] == "people" for c in t.claim.values()), (
        "thousands of redundancies"
    )


def test_15_an_unnamed_trust_is_a_finding_never_an_organisation(t):
    unnamed = [f for f in t.finding.values() if f["unit"] == "posts"]
    assert {1000, 500} <= {f["value"] or f["low"] for f in unnamed} and all(f["about"] for f in unnamed)
    assert not any("unnamed" in o["name"].lower() or "anonymous" in o["name"].lower() for o in t.organisations.values())


def test_every_founding_claim_has_its_place(checked, t):
    rows = checked.tables["founding_claims"].rows
    assert len(rows) == 83 and {row["document"] for row in rows} == {
        d["document"] for d in checked.tables["founding_documents"].rows
    }
    ids = set(t.claim) | set(t.finding)
    for row in rows:
        assert bool(row["record_id"]) == row["in_scope"] == (not row["why_not"]), row
        assert not row["claim_id"] or (row["record_id"], row["claim_id"]) in ids, row
