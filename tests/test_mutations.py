"""Seeded faults: every kind can be planted, a sample is caught at its line, and the published table is up to date."""

import csv

import pytest

import mutate
from pipeline.mutations import KINDS

NAMES = [kind["kind"] for kind in KINDS]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:  # the bench remembers what it read; no other test shall
        for owner, name, _ in mutate.REMEMBERED:
            patch.setattr(owner, name, getattr(owner, name))
        yield mutate.Bench(tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="module")
def sample(bench):
    """Two faults of every kind."""
    return {kind["kind"]: bench.plant(kind, 2) for kind in KINDS}


def test_every_kind_has_its_own_name_and_says_what_it_does():
    assert len(set(NAMES)) == len(KINDS) >= 120
    assert all(kind["what"] and kind["visible"] in ("true", "false") for kind in KINDS)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_changes_a_real_record(bench, sample, name):
    assert sample[name]
    for planted in sample[name]:
        assert planted.places
        for file, raw in planted.files.items():
            path = bench.folder / file
            assert raw != (path.read_bytes() if path.is_file() else None)


@pytest.mark.parametrize("name", [kind["kind"] for kind in KINDS if kind["visible"] == "true"])
def test_a_fault_that_a_reader_could_see_is_caught_at_its_line(bench, sample, name):
    """Or the other of its kind is: single misses are known, and counted in the published table."""
    assert any(bench.at_its_line(bench.check(planted), planted) for planted in sample[name]), sample[name]


def test_the_same_seed_plants_the_same(bench):
    assert all(bench.plant(kind, 2) == bench.plant(kind, 2) for kind in KINDS[:10])


def test_the_published_table_is_of_these_kinds_and_meets_the_goal():
    with mutate.RESULT.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == mutate.COLUMNS
    assert [[row[c] for c in mutate.COLUMNS[:3]] for row in rows] == [[k[c] for c in mutate.COLUMNS[:3]] for k in KINDS]
    seen = [row for row in rows if row["visible"] == "true"]
    planted, caught, right = (sum(int(row[c]) for row in seen) for c in ("planted", "caught", "right_line"))
    assert planted >= right >= mutate.GOAL * planted and caught >= right
