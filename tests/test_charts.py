"""The pictures: what is drawn is what the published SQLite holds, and each picture works as a page and as a file."""

import csv
import json
import re
import sqlite3
import struct
from math import log10
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import WIDTHS, opened
from pipeline import charts
from pipeline.site import SiteData
from test_site import ATTACK

SVG = "{http://www.w3.org/2000/svg}"
FIELDS = ("stage", "date", "value", "low", "high", "qualifier", "unit", "measure", "level", "organisation_id")
CURRENT = "FROM claims c JOIN records r USING (record_id) WHERE withdrawn IS NULL AND qualifier <> 'unquantified'"
NATIONAL = "r.kind = 'deficit' AND r.level = 'national' AND r.unit = 'GBP'"
CLAIMS = {  # picture of claims → those that belong in it, by SQL, apart from plans beside what is current
    "national-deficits": f"""{CURRENT} AND {NATIONAL} AND r.measure IN (SELECT measure FROM
        (SELECT r.measure, count(*) AS said {CURRENT} AND {NATIONAL} GROUP BY record_id) WHERE said > 1)""",
    "cuts-over-time": f"{CURRENT} AND r.kind = 'cut' AND is_current AND counted",
    "deals": f"{CURRENT} AND r.kind = 'deal' AND is_current AND r.unit = 'GBP'",
    "system-deficits": f"""{CURRENT} AND r.measure = 'deficit' AND r.organisation_id LIKE '%-system'
        AND length(r.period) = 7 AND is_current""",
    "promise-and-outcome": f"""{CURRENT} AND is_current AND c.stage LIKE '%outturn' AND record_id IN
        (SELECT record_id FROM claims WHERE stage = 'planned' AND replaced_on IS NULL
        AND qualifier <> 'unquantified')""",
}
NAMES = (*CLAIMS, "where", "coverage")


@pytest.fixture(scope="module")
def ask(site):
    """Rows of the published database."""
    database = sqlite3.connect(next((site / "download").glob("*.sqlite")))
    database.row_factory = sqlite3.Row
    yield lambda sql: [dict(row) for row in database.execute(sql)]
    database.close()


def json_of(site, name):
    return json.loads((site / "charts" / f"{name}.json").read_text(encoding="utf-8"))


def drawn(path):
    """Every link of a drawing that holds a mark: address → the words in it, and where its first mark stands."""
    found = {}
    for link in ElementTree.parse(path).iter(f"{SVG}a"):
        marks = [p.get("d") for p in link.iter(f"{SVG}path") if p.get("class").startswith("m ")]
        places = [tuple(map(float, re.match(r"M([-\d.]+) ([-\d.]+)", mark).groups())) for mark in marks]
        found[link.get("href")] = "".join(link.itertext()), places and places[0]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_csv_and_json_hold_the_same_rows(site, name):
    with (site / "charts" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        table = list(csv.DictReader(handle))
    parsed = json_of(site, name)["rows"]
    assert parsed and table == [{k: "" if v is None else str(v) for k, v in row.items()} for row in parsed]


@pytest.mark.parametrize("name", CLAIMS)
def test_every_mark_is_a_claim_of_the_published_database(site, contract, ask, name):
    """Marks, rows and words are the same claims, with the database's figures, and each mark leads to its claim."""
    claims, home = {(c["record_id"], c["claim_id"]): c for c in ask("SELECT * FROM claims")}, contract.data["homepage"]
    picture, marks = json_of(site, name), drawn(site / "charts" / f"{name}.svg")
    for row in picture["rows"]:
        claim = claims[row["record_id"], row["claim_id"]]
        assert {field: row[field] for field in FIELDS} == {field: claim[field] for field in FIELDS}
        words, place = marks.pop(f"{home}records/{row['record_id']}/#{row['claim_id']}")
        assert words.startswith(f"{row['title']}: {row['figure']} (") and place
        assert f"{row['title']}: {row['figure']} (" in picture["alt"]
    assert marks == {}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_picture_has_the_claims_that_sql_selects(site, ask, name):
    """Beside current claims, pictures of plan and outcome have for each record the plan that was first."""

    def ids(of):
        return {(row["record_id"], row["claim_id"]) for row in of}

    expected, got = ids(ask(f"SELECT record_id, claim_id {CLAIMS[name]}")), ids(json_of(site, name)["rows"])
    first = """SELECT record_id, claim_id, min(date) FROM claims WHERE stage = 'planned' AND replaced_on IS NULL
        AND qualifier <> 'unquantified' GROUP BY record_id"""
    records = {record for record, _ in expected}
    plans = {key for key in ids(ask(first)) if key[0] in records and name in ("system-deficits", "promise-and-outcome")}
    assert got == expected | plans


def test_an_outcome_is_the_share_of_its_plan_that_it_says(site):
    rows = json_of(site, "promise-and-outcome")["rows"]
    for plan, outcome in zip(rows[::2], rows[1::2], strict=True):
        assert plan["record_id"] == outcome["record_id"] and plan["stage"] == "planned"
        if share := outcome["percent_of_plan"]:
            assert float(re.search(r"[\d.]+", share)[0]) == round(outcome["value"] * 100 / plan["value"])


def straight(points, tolerance=0.3):
    """Whether points (figure, place) lie on one line."""
    (low, start), (high, end) = min(points), max(points)
    return all(abs(start + (v - low) / ((high - low) or 1) * (end - start) - y) < tolerance for v, y in points)


@pytest.mark.parametrize(("name", "scale"), [("national-deficits", float), ("cuts-over-time", log10), ("deals", log10)])
def test_height_is_the_figure(site, contract, name, scale):
    """In each panel, marks of points stand on one straight scale (of the figure, or of its logarithm)."""
    marks, panels = drawn(site / "charts" / f"{name}.svg"), {}
    for row in json_of(site, name)["rows"]:
        if row["value"] is not None and (scale is float or row["value"] > 0):
            place = marks[f"{contract.data['homepage']}records/{row['record_id']}/#{row['claim_id']}"][1]
            panel = row["measure"], row["level"] if name == "cuts-over-time" else ""
            panels.setdefault(panel, []).append((scale(row["value"]), place[1]))
    assert all(straight(points) for points in panels.values())
    assert all(min(points)[1] > max(points)[1] for points in panels.values() if min(points)[0] < max(points)[0])


def test_records_have_their_vintages(site, ask, contract):
    """Every record with two figures, and no other; each figure as far from nought as it is; small."""
    said = {}
    for claim in ask("SELECT * FROM claims WHERE qualifier <> 'unquantified'"):
        said.setdefault(claim["record_id"], []).append(claim)
    files = {path.stem: path for path in (site / "records").glob("*.svg")}
    assert files.keys() == {record for record, claims in said.items() if len(claims) > 1}
    assert sum(path.stat().st_size for path in files.values()) < 3_000_000
    for record, path in files.items():
        marks = drawn(path)
        assert marks.keys() == {f"{contract.data['homepage']}records/{record}/#{c['claim_id']}" for c in said[record]}
        nought = float(re.search(r'class="base" d="M([\d.]+) ', path.read_text(encoding="utf-8"))[1])
        points = [
            (c["value"], marks[f"{contract.data['homepage']}records/{record}/#{c['claim_id']}"][1][0])
            for c in said[record]
        ]
        assert straight([(0, nought), *((value, x) for value, x in points if value is not None)]), record
        page = (site / "records" / record / "index.html").read_text(encoding="utf-8")
        assert len(re.search(r'<svg class="picture.*?</svg>', page, re.S)[0]) < 2_500


def test_tiles_and_bars_count_what_the_database_counts(site, ask):
    with_parents = "records r JOIN organisations o USING (organisation_id)"
    tiles = {row["organisation_id"]: row for row in json_of(site, "where")["rows"]}
    assert len({(row["column"], row["row"]) for row in tiles.values()}) == len(tiles)
    old = "SELECT organisation_id, parent_id FROM organisations WHERE type = 'icb' AND opened < '2026-04-01'"
    assert {row["organisation_id"] for row in ask(old)} == tiles.keys()
    for row in ask(old):
        about = f"withdrawn IS NULL AND '{row['parent_id']}' IN (o.organisation_id, o.parent_id)"
        assert ask(f"SELECT count(*) AS n FROM {with_parents} WHERE {about}") == [
            {"n": tiles[row["organisation_id"]]["records"]}
        ]
    for row in json_of(site, "coverage")["rows"]:
        place = (
            f"organisation_type = '{row['organisation_type']}' AND coalesce(region, 'no region') = '{row['region']}'"
        )
        cells = ask(f"SELECT coverage FROM coverage WHERE {place} AND financial_year = '{row['financial_year']}'")
        found = [cell["coverage"] for cell in cells]
        assert {state: row[state] for state in charts.STATES} == {state: found.count(state) for state in charts.STATES}


def test_files_need_nothing_else_and_say_where_they_are_from(site, contract):
    for path in [*(site / "charts").glob("*.svg"), *(site / "records").glob("*.svg")]:
        tree, text = ElementTree.parse(path), path.read_text(encoding="utf-8")
        assert {
            e.tag for e in tree.iter() if e.tag not in (f"{SVG}a",) and ("href" in e.attrib or "src" in e.attrib)
        } == set()
        assert not re.search(r"url\(|@import|var\(|style=|xlink", text)
        assert tree.find(f"{SVG}title").text and tree.find(f"{SVG}desc").text
        assert "prefers-color-scheme: dark" in text and "CC BY 4.0" in text and contract.data["title"] in text


def test_hostile_text_is_text(checked, contract, tmp_path):
    data = SiteData(checked, contract, "1", [])
    for record in data.records.values():
        record["title"] = f"{ATTACK}\x01\n\n<b>&amp; {{{{7*7}}}}"
    for statement in (s for record in data.records.values() for s in record["statements"]):
        statement["organisation_name"] = statement["figure"] = statement["figure"] and f"1{ATTACK}"
    charts.write_charts(data, tmp_path)
    known = {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "style", "rect", "g", "a", "text", "path")}
    for path in tmp_path.rglob("*.svg"):
        tree = ElementTree.parse(path)
        assert {e.tag for e in tree.iter()} <= known and not [
            k for e in tree.iter() for k in e.attrib if k.startswith("on")
        ]
    record = ElementTree.parse(tmp_path / "records" / "raj-2024-25-wte.svg")
    assert ATTACK in record.find(f"{SVG}title").text and f"1{ATTACK}" in {e.text for e in record.iter(f"{SVG}text")}
    assert not re.search(r"<(script|img|b)\b|\n", str(charts.home(data).inline("")))


def test_every_stage_has_a_look(checked):
    assert {row["stage"] for row in checked.tables["stages"].rows} == charts.LOOKS.keys()


# --- in Chromium -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "width", "colours"), [(n, "phone", "dark") for n in ("", *NAMES)] + [("", "desk", "light")]
)
def test_a_picture_s_page_works(browser, address, name, width, colours):
    page = opened(browser, f"{address}charts/{name}{'/' * bool(name)}", WIDTHS[width], colours)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    shown = page.locator("svg.picture >> visible=true")
    assert shown.count() == page.locator("figure.chart").count() >= 1
    scale = "e.getBoundingClientRect().width / e.viewBox.baseVal.width"
    sizes = f"all => all.map(e => parseFloat(getComputedStyle(e).fontSize) * {scale})"
    assert min(shown.evaluate_all(sizes)) >= 11
    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], n["html"][:160]) for v in violations for n in v["nodes"]] == []
    assert page.faults == [] and [url for url in page.requested if not url.startswith(address)] == []
    page.context.close()


def test_marks_are_reached_by_keyboard_and_lead_to_their_claims(browser, address):
    page = opened(browser, f"{address}charts/national-deficits/", WIDTHS["desk"])
    page.locator("h1 a").focus()
    page.keyboard.press("Tab")
    focused = page.locator(".picture.wide a >> nth=0")
    assert focused.evaluate("a => a === document.activeElement && getComputedStyle(a).outlineStyle") == "solid"
    href = focused.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{href.removeprefix('../../')}")
    assert page.locator(f"[id='{href.partition('#')[2]}']").is_visible()
    page.context.close()


@pytest.mark.parametrize("place", ["charts/where", "records/raj-2024-25-wte"])
def test_png_is_the_picture_at_twice_its_size(browser, address, site, tmp_path, place):
    page = opened(browser, f"{address}{place}/", WIDTHS["desk"])
    with page.expect_download() as download:
        page.click("figure.chart button")
    name = place.rpartition("/")[2]
    assert download.value.suggested_filename == f"{name}.png"
    download.value.save_as(tmp_path / "picture.png")
    saved, root = (tmp_path / "picture.png").read_bytes(), ElementTree.parse(site / f"{place}.svg").getroot()
    assert saved[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", saved[16:24]) == tuple(
        int(2 * int(float(root.get(side)))) for side in ("width", "height")
    )
    page.context.close()
