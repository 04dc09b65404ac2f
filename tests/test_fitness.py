"""The third layer: each judgement finds what it is for, and a broken judgement is an error, not a failure."""

import shutil
import sqlite3

import pytest

from conftest import ROOT, faults
from pipeline import fitness
from pipeline.check import check
from pipeline.contract import contract_faults
from pipeline.sqlite import write_sqlite

ONE = (
    "(SELECT rowid FROM claims WHERE is_current AND level = 'organisation' AND stage = 'planned'"
    " AND unit = '{unit}' AND value > 0 LIMIT 1)"
)
PLANTED = {  # a judgement → what makes it fail
    "firm-figures-have-an-origin": "UPDATE claims SET origins = 0 WHERE stage = 'outturn'",
    "said-published-accessed": "UPDATE claims SET date = '2031-01-01' WHERE rowid = " + ONE.format(unit="wte"),
    "money-plausible": "UPDATE claims SET value = value * 1000 WHERE rowid = " + ONE.format(unit="GBP"),
    "money-not-tiny": "UPDATE claims SET value = value / 1000000 WHERE rowid = " + ONE.format(unit="GBP"),
    "posts-plausible": "UPDATE claims SET value = value * 1000 WHERE rowid = " + ONE.format(unit="wte"),
    "no-jump-between-vintages": "UPDATE claims SET value = value * 10 WHERE record_id = 'raj-2024-25-deficit'"
    " AND claim_id = 'stretch-schemes'",
    "counted-once": "UPDATE records SET organisation_id = 'RAJ', measure = 'savings_target', period = '2025-26',"
    " staff_group = NULL, boundary = NULL WHERE counted AND measure = 'savings_target' AND level = 'organisation'",
    "far-from-its-kind": "UPDATE claims SET value = 1 WHERE record_id = 'rje-2025-26-savings'",
    "every-quarter-has-claims": "DELETE FROM claims WHERE date BETWEEN '2024-07' AND '2024-10'",
    "every-region-has-records": "UPDATE claims SET region = NULL WHERE region = 'Midlands'",
    "corroboration": "UPDATE claims SET origins = 1; UPDATE sources SET tier = 'press'",
    "second-reader": "UPDATE claims SET review = 'entered'",
    "follow-through": "DELETE FROM claims WHERE stage <> 'planned' OR NOT is_current",
}


@pytest.fixture(scope="module")
def database(package):
    return next((package / "package").glob("*.sqlite"))


@pytest.fixture(scope="module")
def released(database):
    return {v.name: v for v in fitness.judge(database, fitness.judgements() + fitness.losses(ROOT / "data" / "tables"))}


def found(verdict):
    return {(row["record_id"], row["claim_id"], str(row["found"])) for row in verdict.rows}


def test_the_release_is_fit(released):
    assert not [v.name for v in released.values() if v.stops]
    assert set(released) == set(PLANTED) | {"nothing-lost"}


@pytest.mark.parametrize("name", PLANTED)
def test_a_judgement_finds_what_is_planted(database, released, tmp_path, name):
    broken = shutil.copy(database, tmp_path / "broken.sqlite")
    with sqlite3.connect(broken) as connection:
        connection.executescript(PLANTED[name])
    wanted = next(j for j in fitness.judgements() if j.name == name)
    (verdict,) = fitness.judge(broken, [wanted])
    assert verdict.outcome == "failed"
    assert found(verdict) > found(released[name]) or found(verdict) != found(released[name])
    assert verdict.stops == (verdict.severity == "critical")


def test_lost_rows_are_found(database, tmp_path):
    lines = (ROOT / "data" / "tables" / "cuts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "cuts.csv").write_text("".join([*lines, *lines[1:]]), encoding="utf-8")
    (verdict,) = fitness.judge(database, fitness.losses(tmp_path))
    assert verdict.stops and "cuts: " in verdict.rows[0]["found"]
    assert fitness.losses(tmp_path / "nothing") == [], "before the first release nothing can be lost"


def test_a_judgement_that_raises_is_broken_not_failed(database):
    text = "-- typo | warning | Something holds\nSELECT no_such_column FROM {batch}\n"
    (verdict,) = fitness.judge(database, fitness.judgements(text))
    assert verdict.outcome == "raised" and verdict.stops and "no_such_column" in verdict.problem
    assert "broken" in fitness.as_text(verdict)


def test_each_layer_reports_what_is_its_own_and_no_other_does(contract, data, tmp_path):
    record = data / "cuts" / "raj-2024-25-wte.yml"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace("value: 600", "value: 60", 1), encoding="utf-8")
    assert {f["rule"] for f in faults(data)} == {"figure-not-in-words"}, "the record layer alone"
    record.write_text(text, encoding="utf-8")

    checked = check(data, contract)
    assert checked.faults == []
    checked.tables["claims"].rows[0]["claim_id"] = "Not An Id"
    rules = {f.rule for f in contract_faults(checked.tables, contract)}
    assert rules == {"contract-constraint-error"}, "the contract alone"

    record = data / "deficits" / "raj-2025-26-deficit.yml"
    text = record.read_text(encoding="utf-8")
    text = (
        text.replace("value: 85000000\n", "value: 85000000000\n")
        .replace("£85m", "£85bn")
        .replace("£85 million", "£85 billion")
    )
    record.write_text(text, encoding="utf-8")  # figure and words agree, and no trust loses so much
    checked = check(data, contract)
    assert checked.faults == []
    write_sqlite(checked.tables, contract, tmp_path / "published.sqlite")
    stopped = [v.name for v in fitness.judge(tmp_path / "published.sqlite", fitness.judgements()) if v.stops]
    assert "money-plausible" in stopped, "fitness alone"
