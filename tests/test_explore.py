"""The Explore page in Chromium, against SQL on the published SQLite file and the data compiled to earlier days."""

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date
from decimal import Decimal
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import ROOT, WIDTHS, opened
from pipeline import counting
from pipeline.compile import compile_tables
from pipeline.descriptor import REGISTERS, Descriptor
from pipeline.explore import as_known, changes_of, explorable, states
from pipeline.read import read_dataset
from pipeline.site import SiteData
from pipeline.tables import as_text

FIRST = "ORDER BY CASE role WHEN 'origin' THEN 0 WHEN 'repeats' THEN 1 ELSE 2 END, e.rowid LIMIT 1"
TIER = "CASE tier WHEN 'primary' THEN 0 WHEN 'press' THEN 1 WHEN 'secondary' THEN 2 ELSE 3 END"
ROWS = f"""CREATE TEMP VIEW rows AS SELECT *,
    begins || '-' || substr(begins + 1, 3) AS year, substr(date || '-12', 1, 7) AS month,
    lower(title || '\n' || says || '\n' || organisation_name || '\n' || record_id || '\n' || publisher) AS hay
  FROM (SELECT c.*, r.title, r.status, o.type, coalesce(o.region, 'none') AS of_region,
      CASE WHEN c.is_current AND r.counted THEN 'yes' ELSE 'no' END AS counted,
      strftime('%Y', coalesce(c.period_end, c.period_start), '-3 months') AS begins,
      (SELECT tier FROM evidence e JOIN sources USING (source_id) WHERE (e.record_id, e.claim_id) =
        (c.record_id, c.claim_id) ORDER BY {TIER} LIMIT 1) AS tier,
      (SELECT says FROM evidence e WHERE (e.record_id, e.claim_id) = (c.record_id, c.claim_id) {FIRST}) AS says,
      (SELECT publisher FROM evidence e JOIN sources USING (source_id) WHERE (e.record_id, e.claim_id) =
        (c.record_id, c.claim_id) {FIRST}) AS publisher
    FROM claims c JOIN records r USING (record_id) JOIN organisations o ON o.organisation_id = c.organisation_id
    WHERE r.withdrawn IS NULL)"""
FACETS = [
    "kind",
    "measure",
    "year",
    "stage",
    "status",
    "counted",
    "level",
    "of_region",
    "type",
    "organisation_id",
    "tier",
]
VIEWS = {  # the address of a view → the same choice in SQL
    "": "is_current",
    "claims=all": "true",
    "kind=cut&year=2025-26": "is_current AND kind = 'cut' AND year = '2025-26'",
    "kind=deficit~deal&claims=all&tier=primary": "kind IN ('deficit', 'deal') AND tier = 'primary'",
    "measure=posts_removed&counted=yes&region=London~Midlands": "is_current AND measure = 'posts_removed'"
    " AND counted = 'yes' AND of_region IN ('London', 'Midlands')",
    "claims=all&from=2025-01&to=2025-03": "month >= '2025-01' AND month <= '2025-03'",
    "q=ESSEX+beds&claims=all": "hay LIKE '%essex%' AND hay LIKE '%beds%'",
    "status=worse_than_plan&level=system&type=system": "is_current AND status = 'worse_than_plan' AND level = 'system'"
    " AND type = 'system'",
}
KNOWN = {"2024-03": date(2024, 3, 31), "2025-03-14": date(2025, 3, 14), "2025-06-12": date(2025, 6, 12)}


@pytest.fixture(scope="module")
def database(site):
    with closing(sqlite3.connect(site / "download" / "nhs-cuts-deficits-deals.sqlite")) as connection:
        connection.execute(ROWS)
        yield connection


@pytest.fixture(scope="module")
def past(checked, contract):
    """For each of KNOWN the model of what was known on its day, and the tables compiled from it."""
    registers = read_dataset(ROOT / "data", [], {name: contract.columns(name) for name in REGISTERS}).registers
    models = {text: as_known(checked.model, day) for text, day in KNOWN.items()}
    return {text: (m, compile_tables(m, registers, contract, KNOWN[text])) for text, m in models.items()}


def explore(browser, address, search="", width="desk", colours="light"):
    page = opened(browser, f"{address}explore/?{search}", WIDTHS[width], colours)
    page.wait_for_selector("#x-view:not([hidden])")
    return page


def facet_counts(page, facet: str) -> dict[str, int]:
    """The counts that a facet shows, by label, but for the zeros."""
    items = page.locator(f"#x-{facet.removeprefix('of_').removesuffix('_id')} li label")
    texts = items.evaluate_all("all => all.map(l => [l.children[1].textContent, l.children[2].textContent])")
    found = Counter()
    for label, count in texts:  # two ids may have one label
        found[label] += int(count.replace(",", ""))
    return +found


def labels(site, facet: str) -> dict[str, str]:
    file = json.loads((site / "explore" / "claims.json").read_text(encoding="utf-8"))
    if facet == "organisation_id":
        return dict(zip(file["organisations"]["id"], file["organisations"]["name"], strict=True))
    return file["labels"].get(facet.removeprefix("of_"), {})


def downloaded(page, form: str) -> str:
    with page.expect_download() as download:
        page.click(f"#x-{form}")
    return download.value.path().read_text(encoding="utf-8")


def choices(where: str, facet: str) -> str:
    """A choice in SQL with what it asks of one facet left out."""
    return " AND ".join(part for part in where.split(" AND ") if not re.match(rf"{facet} (=|IN)", part)) or "true"


@pytest.mark.parametrize(("search", "where"), VIEWS.items())
def test_a_view_equals_sql(browser, address, site, database, search, where):
    """The rows, every facet's counts (its own choice left aside), the totals and both exports of a view."""
    page = explore(browser, address, search)
    keys = database.execute(f"SELECT record_id, claim_id FROM rows WHERE {where}").fetchall()
    assert len(keys) > 0
    records = len({key[0] for key in keys})
    assert f"{records:,} record" in page.inner_text("#x-summary")
    for facet in FACETS:
        sql = f"SELECT {facet}, count(*) FROM rows WHERE {choices(where, facet)} GROUP BY 1"
        expected = Counter()
        for value, count in database.execute(
            sql if "BETWEEN" not in where else sql.replace(choices(where, facet), where)
        ):
            expected[labels(site, facet).get(value, value)] += count
        assert facet_counts(page, facet) == expected, facet
    published = list(csv.DictReader((site / "download" / "claims.csv").open(encoding="utf-8", newline="")))
    wanted = [row for row in published if (row["record_id"], row["claim_id"]) in set(keys)]
    text = downloaded(page, "csv")
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == wanted
    answer = json.loads(downloaded(page, "json"))["claims"]
    assert [(c["record_id"], c["claim_id"], c["is_current"]) for c in answer] == [
        (row["record_id"], row["claim_id"], row["is_current"] == "true") for row in wanted
    ]
    sums = database.execute(
        "SELECT measure, level, count(*), total(coalesce(value, low)), total(coalesce(value, high)),"
        " sum(value IS NULL AND high IS NULL)"
        f" FROM rows WHERE {where} AND counted = 'yes' GROUP BY 1, 2"
    ).fetchall()
    shown = totals(page)
    assert shown.keys() == {(measure, level) for measure, level, *_ in sums}
    for measure, level, count, low, high, open_above in sums:
        assert shown[measure, level] == (count, low, None if open_above else high)
    assert page.faults == []
    page.context.close()


def totals(page) -> dict[tuple[str, str], tuple[int, float | None, float | None]]:
    if not page.evaluate("document.getElementById('x-sums').open"):
        page.click("#x-sums > summary")
    expect(page.locator("#x-totals tbody tr, #x-no-totals:visible").first).to_be_visible()
    rows = page.locator("#x-totals tbody tr").evaluate_all(
        "all => all.map(r => [r.querySelector('data').value, r.cells[3].textContent])"
    )
    found = {}
    for value, count in rows:
        measure, level, low, high = value.split("|")
        bounds = (float(side) if side else None for side in (low, high))
        found[measure, level] = (int(count.replace(",", "")), *bounds)
    return found


@pytest.mark.parametrize("known", KNOWN)
def test_as_known_then_equals_the_data_compiled_to_that_day(browser, address, past, known):
    """Every claim known then as CSV, which of them was current, the statuses, what was counted, and the totals."""
    model, tables = past[known]
    page = explore(browser, address, f"claims=all&known={known}")
    assert page.input_value("#x-day") == KNOWN[known].isoformat()
    kept = {r["record_id"]: r for r in tables["records"].rows if r["kind"] != "survey" and not r["withdrawn"]}
    wanted = [row for row in as_text(tables["claims"]) if row["record_id"] in kept]
    assert len(wanted) > 50
    assert list(csv.DictReader(io.StringIO(downloaded(page, "csv"), newline=""))) == wanted
    page.check("#x-current")
    assert f"{len(kept):,} records" in page.inner_text("#x-summary")
    counted = Counter("yes" if r["counted"] else "no" for r in kept.values())
    assert facet_counts(page, "counted") == counted
    names = {row["status"]: row["name"] for row in tables["statuses"].rows}
    assert facet_counts(page, "status") == Counter(names[r["status"]] for r in kept.values())
    expected: dict[tuple, counting.Interval] = {}
    for total in counting.totals(model):
        key = total["measure"], total["level"]
        expected[key] = expected.get(key, counting.ZERO) + counting.Interval(total["low"], total["high"])
    assert {key: (low, high) for key, (_, low, high) in totals(page).items()} == {
        key: tuple(None if side is None else float(side) for side in (span.low, span.high))
        for key, span in expected.items()
    }
    page.context.close()


def test_the_changes_of_each_record_give_what_held_on_any_day(checked):
    """Told apart by linked records and by days of change; against all that was known, compiled whole."""
    as_of = date(2026, 6, 30)
    changes = changes_of(checked.model, as_of)
    for month in range(1, 31):
        day = date(2023 + (month + 9) // 12, (month + 9) % 12 + 1, 17)
        replayed = {record: state for when, record, state in changes if when <= day}
        assert replayed == states(as_known(checked.model, day), day), day
    assert {record: state for _, record, state in changes} == states(checked.model, as_of)


def test_the_last_day_is_the_release_even_after_a_silence(checked, contract):
    """Else a range from the month of the release would begin nowhere, and show everything."""
    later = Descriptor(contract.data | {"created": "2027-06-30T00:00:00Z"})
    file = explorable(SiteData(checked, later, later.data["version"], []))
    assert file["days"][-1] == file["released"] == "2027-06-30"


def test_the_address_restores_the_view(browser, address):
    """What is chosen by hand stands in the address, and the address alone brings it all back."""
    page = explore(browser, address)
    page.fill("#x-q", "trust")
    page.check("#x-all")
    page.check("#x-kind input >> nth=0")
    page.locator("#x-region > summary").click()
    page.check("#x-region li:not(.none) input >> nth=0")
    page.select_option("#x-from", "2024-01")
    page.select_option("#x-sort", "largest")
    page.locator("#x-known").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**known=**")
    other = explore(browser, address, page.url.partition("?")[2])
    for each in (page, other):
        each.click("#x-sums > summary")
    seen = "['#x-summary', '#x-rows', '#x-known-text', '#x-left'].map(s => document.querySelector(s).innerText)"
    assert page.evaluate(seen) == other.evaluate(seen) and "records" in page.inner_text("#x-summary")
    checked = "[...document.querySelectorAll('.explore :is(input, select)')].map(e => e.checked ? 'x' : e.value)"
    assert page.evaluate(checked) == other.evaluate(checked)
    assert len(re.findall("[=&]", page.url)) == 13 and other.url == page.url
    page.click("#x-clear")
    page.wait_for_url(f"{address}explore/")
    for opened_page in (page, other):
        opened_page.context.close()


def test_a_day_is_chosen_and_given_up(browser, address):
    """A date typed is the slider's too; the day of the release, or none, is all that is known."""
    page = explore(browser, address)
    everything = page.inner_text("#x-summary"), page.input_value("#x-known")
    page.fill("#x-day", "2025-03-14")
    page.wait_for_url("**known=2025-03-14")
    assert page.inner_text("#x-known-text").startswith("what had been said by 14 March 2025")
    assert int(page.input_value("#x-known")) < int(everything[1]) and page.inner_text("#x-summary") != everything[0]
    page.fill("#x-day", "")
    page.wait_for_url(f"{address}explore/")
    assert (page.inner_text("#x-summary"), page.input_value("#x-known")) == everything
    page.context.close()


def test_what_an_address_asks_in_vain_is_left_out(browser, address):
    page = explore(browser, address, "kind=nonsense&known=1999-01&from=x&sort=__proto__&measure=~~&claims=%00&q=%22%3C")
    assert page.inner_text("#x-summary") == "Nothing fits all of these choices"
    page.fill("#x-q", "")
    page.wait_for_url(f"{address}explore/")
    assert "records of" in page.inner_text("#x-summary") and page.faults == []
    page.context.close()


def test_orders(browser, address, site, database):
    """Newest and oldest by date, figures by size within a unit, names as English sorts them."""
    page = explore(browser, address, "claims=all&measure=savings_target")
    pounds = "SELECT max(abs(coalesce(value, low, high))) FROM rows WHERE measure = 'savings_target'"
    largest = Decimal(database.execute(pounds).fetchone()[0])
    first = "document.querySelector('#x-rows tr').cells"
    page.select_option("#x-sort", "largest")
    shown = page.evaluate(f"{first}[1].textContent")
    assert Decimal(re.search(r"£([\d.]+)bn", shown)[1]) * 10**9 == largest
    page.select_option("#x-sort", "oldest")
    oldest = database.execute("SELECT min(date) FROM rows WHERE measure = 'savings_target'").fetchone()[0]
    assert page.evaluate(f"{first}[3].textContent").endswith(oldest[:4])
    page.select_option("#x-sort", "title")
    titles = page.locator("#x-rows th a").all_inner_texts()
    first = [re.match(r"\w+", title)[0].lower() for title in titles]
    assert len(first) == 30 and first == sorted(first)
    page.context.close()


def test_cite_this_view(browser, address, contract):
    """The citation has the view's address at the site's permanent home and its release; an older release is told of."""
    page = explore(browser, address, "kind=cut&q=beds")
    page.locator(".explore details.cite > summary").click()
    text = page.inner_text("#x-cite-text")
    version = re.search(r"version (\d+\.\d+\.\d+[+\w]*)", text)[1]
    assert unquote(text).endswith(f"{contract.data['homepage']}explore/?q=beds&kind=cut&release={version}")
    assert page.inner_text("#x-summary") in text
    page.context.close()
    other = explore(browser, address, "kind=cut&release=0.1.0")
    assert "cited from version 0.1.0" in other.inner_text("#x-cited")
    other.click("#x-cited a >> nth=1")
    assert other.url == f"{address}releases/0.1.0/"
    other.context.close()


def test_a_bar_of_the_chart_chooses_its_quarter(browser, address, database):
    page = explore(browser, address, "claims=all")
    page.click("#x-chart button[aria-label^='2025 Q2']")
    quarter = database.execute(
        "SELECT count(*) FROM rows WHERE substr(date || '-12', 1, 7) BETWEEN '2025-04' AND '2025-06'"
    )
    assert f"{quarter.fetchone()[0]} claims" in page.inner_text("#x-summary")
    page.wait_for_url("**from=2025-04&to=2025-06**")
    page.context.close()


def tab_to(page, selector: str) -> None:
    """Press Tab until the focus is on an element; as far as a page may reasonably ask for."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_all_of_it_with_the_keyboard(browser, address):
    page = explore(browser, address)
    tab_to(page, "#x-q")
    page.keyboard.type("nhs")
    tab_to(page, "#x-current")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**claims=all**")
    tab_to(page, "#x-known")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**known=**")
    assert page.get_attribute("#x-known", "aria-valuetext").startswith("what had been said by")
    tab_to(page, "#x-measure > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#x-measure li input")
    page.keyboard.press("Space")
    page.wait_for_url("**measure=**")
    page.keyboard.press("Space")
    tab_to(page, "#x-sort")
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**sort=oldest**")
    tab_to(page, "#x-more")
    page.keyboard.press("Enter")
    assert page.locator("#x-rows tr").count() == 60
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 31
    page.context.close()


def test_a_slider_drawn_to_and_fro_changes_the_address_once(browser, address):
    """A browser refuses a hundred changes of the address in a moment; the view itself keeps pace with every one."""
    page = explore(browser, address)
    page.evaluate("""() => { const set = history.replaceState.bind(history)
        window.times = 0 // counted from here on: the loaded page may already have set its address
        history.replaceState = (...all) => { window.times++; set(...all) }
        for (let i = 0; i < 120; i++) {
            const slider = document.getElementById('x-known'); slider.value = 10 + i % 9
            slider.dispatchEvent(new Event('input')) } }""")
    assert page.inner_text("#x-known-text").startswith("what had been said by")
    page.wait_for_url("**known=**")
    assert page.evaluate("times") == 1
    page.context.close()


@pytest.mark.parametrize(("width", "colours"), [("desk", "dark"), ("phone", "light")])
def test_sound_with_everything_open(browser, address, width, colours):
    """axe finds nothing with every part open, the page never scrolls sideways, and what changed is announced."""
    page = explore(browser, address, "kind=cut&q=a", width, colours)
    page.evaluate("document.querySelectorAll('article details').forEach(d => { d.open = true })")
    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], n["html"][:160]) for v in violations for n in v["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    assert page.get_attribute("#x-summary", "role") == "status" and page.faults == []
    page.context.close()


def test_without_its_data_or_scripts_it_leads_on(browser, address):
    page = browser.new_context().new_page()
    page.route("**/claims.json", lambda route: route.fulfill(status=404))
    page.goto(f"{address}explore/")
    page.wait_for_selector("#x-problem:not([hidden])")
    assert "404" in page.inner_text("#x-problem") and page.locator("#x-loading a").count() == 4
    page.context.close()
    bare = browser.new_context(java_script_enabled=False).new_page()
    bare.goto(f"{address}explore/")
    assert bare.locator("#x-loading").is_visible() and not bare.locator("#x-view").is_visible()
    bare.context.close()
