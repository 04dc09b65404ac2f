"""The audit: its sample can be drawn again, its rate is the textbook's, and coverage tells found from not searched."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from pipeline.audit import draw, drawable, summary, wilson
from pipeline.coverage import coverage
from pipeline.descriptor import ROOT
from pipeline.history import export, releases
from pipeline.tables import read_rows


def claims_of(folder):
    return drawable({name: read_rows(folder / f"{name}.csv") for name in ("claims", "survey_findings")})


@pytest.mark.parametrize(  # figures of R's prop.test(hits, n, correct = FALSE)
    ("hits", "n", "low", "high"),
    [
        (0, 80, "0.0000", "0.0458"),
        (4, 80, "0.0196", "0.1216"),
        (40, 80, "0.3930", "0.6070"),
        (80, 80, "0.9542", "1.0000"),
    ],
)
def test_the_interval_is_that_of_the_textbook(hits, n, low, high):
    assert [f"{end:.4f}" for end in wilson(hits, Decimal(n))] == [low, high]


def test_the_rate_is_of_what_could_be_read():
    rows = [{"audit": "1.0.0", "result": r} for r in ["right"] * 76 + ["wrong"] * 4 + ["source_gone"] * 5]
    (row,) = summary(rows)
    assert (row["read_again"], row["source_gone"]) == (80, 5)
    assert [str(row[k]) for k in ("error_percent", "error_low", "error_high")] == ["5.0", "2.0", "12.2"]
    assert summary([{"audit": "1.0.0", "result": "source_gone"}])[0]["error_percent"] is None


def test_a_sample_is_the_same_again_and_has_every_kind_by_its_size():
    rows = claims_of(ROOT / "data" / "tables")
    sample = draw("9.9.9", rows, 80)
    assert sample == draw("9.9.9", rows[::-1], 80) != draw("9.9.8", rows, 80)
    kinds = {(row["record_id"], row["claim_id"]): row["kind"] for row in rows}
    for kind in set(kinds.values()):
        members, drawn = list(kinds.values()).count(kind), sum(kinds[key] == kind for key in sample)
        assert abs(drawn - max(5, 80 * members / len(rows))) <= 1


def test_every_audit_read_just_the_claims_that_were_drawn(checked, tmp_path):
    audits = {row["audit"] for row in checked.tables["audit_results"].rows}
    for release in releases(ROOT):
        if release.version in audits:
            folder = export(release, tmp_path / release.version, "data/tables")
            read = sorted(
                (row["record_id"], row["claim_id"])
                for row in checked.tables["audit_results"].rows
                if row["audit"] == release.version
            )
            rows = claims_of(folder / "data" / "tables")
            assert any(draw(release.version, rows, size) == read for size in range(len(read) - 20, len(read) + 1))


def test_the_command_draws_from_the_last_release(command, contract):
    done = command("audit.py", "30")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    sample = draw(contract.data["version"], claims_of(ROOT / "data" / "tables"), 30)
    assert [(row["record_id"], row["claim_id"]) for row in rows] == sample
    assert command("audit.py", "0").returncode == command("audit.py", "many").returncode == 2


def test_coverage_tells_found_from_searched_from_not_searched(checked):
    rows = {(r["organisation_id"], r["financial_year"]): r for r in coverage(checked.model, date(2026, 11, 21))}
    assert {year for _, year in rows} == {"2023-24", "2024-25", "2025-26", "2026-27"}
    periods = {r["period"] for r in checked.tables["records"].rows if r["organisation_id"] == "RAJ"}
    assert "2024-25" in periods and rows["RAJ", "2024-25"]["coverage"] == "found"
    for (organisation, _), row in rows.items():
        searched = [s for s in checked.tables["searches"].rows if s["organisation_id"] == organisation]
        assert (row["coverage"] == "found") == (row["records"] > 0)
        assert bool(row["searched"]) <= bool(searched)
        assert row["coverage"] != "searched" or row["searched"]
