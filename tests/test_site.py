"""The site as its readers meet it: in Chromium, at the width of a desk and of a phone, under a path prefix."""

import csv
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from decimal import Decimal
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import PREFIX, ROOT, WIDTHS, faults, opened, run, serve
from pipeline.descriptor import Descriptor
from pipeline.publish import publish

RECORD, SURVEY = "raj-2024-25-wte", "nhs-providers-2025-05"
KINDS = {
    "home": "",
    "record": f"records/{RECORD}/",
    "survey": f"records/{SURVEY}/",
    "organisation": "organisations/RAJ/",
    "list": "deals/",
    "organisations": "organisations/",
    "explore": "explore/",
    "totals": "totals/",
    "download": "download/",
    "cite": "cite/",
    "dictionary": "dictionary/",
    "api": "api/",
    "method": "method/",
    "founding": "founding/",
    "quality": "quality/",
    "rules": "rules/",
    "contribute": "contribute/",
    "measures": "measures/",
    "measure": "measures/wte_removed/",
    "stages": "stages/",
    "stage": "stages/deficit-planned/",
    "sources": "sources/",
    "sources of a letter": "sources/h/",
    "publishers": "publishers/",
    "looks wrong": "looks-wrong/",
    "researcher": "start/researcher/",
    "journalist": "start/journalist/",
    "contributor": "start/contributor/",
    "citer": "start/citer/",
}


def build(data: Path, contract, dist: Path) -> Path:
    """The package and the site of a data folder."""
    publish(data, contract, dist)
    return dist / "site"


# --- in Chromium -------------------------------------------------------------------------------------------


SEEN = [
    (kind, *look) for look in (("desk", "light"), ("phone", "dark")) for kind in KINDS
]  # every kind of page, and those that
SEEN += [
    (kind, *look) for look in (("desk", "dark"), ("phone", "light")) for kind in ("home", "record", "list")
]  # hold most looks


@pytest.mark.parametrize(("kind", "width", "colours"), SEEN)
def test_page_works(browser, address, kind, width, colours):
    """A page shows its heading, asks no other host, has no fault, never scrolls sideways, and axe finds nothing."""
    page = opened(browser, address + KINDS[kind], WIDTHS[width], colours)
    assert page.locator("h1").count() == 1 and page.locator("h1").is_visible()
    assert page.evaluate("document.body.dataset.mdColorScheme") == {"light": "default", "dark": "slate"}[colours]
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    too_wide = "e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('pre')"
    assert (
        page.evaluate(
            f"[...document.querySelectorAll('article *')].filter({too_wide}).map(e => e.outerHTML.slice(0, 80))"
        )
        == []
    )
    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [
        (v["id"], n["html"][:160], n.get("failureSummary", "")[-160:]) for v in violations for n in v["nodes"]
    ] == []
    assert [url for url in page.requested if not url.startswith(address)] == []
    assert page.faults == []
    page.context.close()


def test_a_row_is_a_card_on_a_phone(browser, address):
    """Every cell of a list has the card's whole width, and says which column it is."""
    page = opened(browser, address + KINDS["list"], WIDTHS["phone"])
    widths = page.eval_on_selector_all("table.rows tbody :is(th, td)", "all => all.map(e => e.offsetWidth)")
    assert len(widths) > 10 and min(widths) > 0.75 * WIDTHS["phone"]
    label = "getComputedStyle(document.querySelector('table.rows tbody td'), '::before').content"
    assert page.evaluate(label) == '"First figure: "'
    page.context.close()


def test_first_screen_says_what_it_is_and_leads_on(browser, address):
    page = opened(browser, address, WIDTHS["phone"])
    for locator in (page.locator("h1"), page.locator(".lead"), page.locator(".lead a").first):
        assert locator.bounding_box()["y"] + locator.bounding_box()["height"] < 800
    page.click(".lead a >> nth=0")
    assert page.url == f"{address}cuts/"
    page.click("table.rows tbody th a >> nth=0")
    assert "/records/" in page.url
    page.context.close()


def test_every_download_has_the_bytes_of_its_hash(browser, address, site):
    page = opened(browser, f"{address}download/", WIDTHS["desk"])
    links = page.eval_on_selector_all("article a[href]", "all => all.map(a => [a.href, a.dataset.sha256 || ''])")
    files = {
        url.removeprefix(f"{address}download/"): sha
        for url, sha in links
        if url.startswith(f"{address}download/") and "#" not in url
    }
    package = json.loads((site / "download" / "datapackage.json").read_text(encoding="utf-8"))
    promised = {r["path"]: r["hash"].removeprefix("sha256:") for r in package["resources"]}
    archive = f"{package['name']}-{package['version']}.zip"
    folder = site / "download"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files.keys() == there - {"index.html"}
    assert {archive, "datapackage.json", "README.md"} < files.keys()
    assert {name: sha for name, sha in files.items() if sha} == promised
    for name in files:
        answer = page.request.get(f"{address}download/{name}")
        assert answer.status == 200, name
        assert name not in promised or hashlib.sha256(answer.body()).hexdigest() == promised[name], name
    assert (site / "download" / archive).read_bytes() == (site.parent / archive).read_bytes()
    page.context.close()


def test_a_claim_is_found_at_its_fragment(browser, address):
    page = opened(browser, f"{address}records/{RECORD}/#outcome", WIDTHS["phone"])
    assert 0 <= page.locator("#outcome").bounding_box()["y"] < 800
    assert page.locator("#outcome .figure").inner_text() == "about 450 WTE"
    assert page.locator(".glance .figure").inner_text() == "about 450 WTE"
    assert "75%" in page.locator(".became").inner_text()
    page.context.close()


def test_search_in_the_header_finds_a_record(browser, address):
    page = opened(browser, f"{address}method/", WIDTHS["desk"])
    page.fill("form.find input", "Mid and South Essex")
    page.press("form.find input", "Enter")
    page.wait_for_selector(f"#x-rows a[href*='{RECORD}']")
    assert page.url == f"{address}explore/?q=Mid+and+South+Essex" and page.faults == []
    page.context.close()


def test_chosen_colours_last(browser, address):
    """The button in the header goes through system, light and dark; the choice holds on the next page."""
    page = opened(browser, address, WIDTHS["desk"], "dark")
    seen = []
    for _ in range(3):
        page.click(".md-header form label:visible")
        seen.append(page.evaluate("document.body.dataset.mdColorScheme"))
        page.goto(f"{address}method/")
        assert page.evaluate("document.body.dataset.mdColorScheme") == seen[-1]
    assert seen == ["default", "slate", "slate"]
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "default")
    page.context.close()


INJECTED = """() => {
    const script = document.createElement('script'); script.textContent = 'window.hit = 1'; document.body.append(script)
    const image = new Image(); image.src = 'https://example.org/x.png'; document.body.append(image) }"""


def test_the_security_policy_holds(browser, address, site):
    """Every page has the policy before all else and needs nothing that it refuses; what is put into it is refused."""
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    policy = 'http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    assert [path for path, text in pages.items() if text.count(policy) != 1 or "'unsafe-" in text] == []
    loads, inline = (
        r"<script|<style|<link|</html",
        r"<script(?! src=| type=.application/ld)|<style| style=| on[a-z]+=\"",
    )
    assert [path for path, text in pages.items() if re.search(loads, text).start() < text.index(policy)] == []
    assert [path for path, text in pages.items() if re.search(inline, text)] == []
    page = opened(browser, address + KINDS["record"], WIDTHS["desk"])
    with page.expect_console_message(lambda message: "example.org" in message.text):
        page.evaluate(INJECTED)
    assert page.evaluate("window.hit") is None
    assert len(page.faults) == 2 and all("Content Security Policy" in fault for fault in page.faults)
    page.context.close()


def test_the_site_works_from_a_folder(browser, site):
    """From file://, where no server turns a folder into its page: pages, styles, scripts and links; search need not."""
    page = opened(browser, (site / "index.html").as_uri(), WIDTHS["desk"])
    failed = page.faults.append
    page.on("requestfailed", lambda r: r.failure == "net::ERR_ABORTED" or failed(r.url))  # left behind by a click
    style = "getComputedStyle(document.querySelector('h1')).fontFamily"
    assert page.evaluate(style).startswith("Charter") and page.evaluate("document.body.dataset.mdColorScheme")
    ways = {".lead a >> nth=0": "cuts/index.html", "table.rows tbody th a >> nth=0": "records/*/index.html"}
    ways |= {"article .kicker a >> nth=1": "organisations/*/index.html", ".md-header .md-logo": "index.html"}
    for link, place in ways.items():
        page.click(link)
        page.wait_for_load_state()
        assert fnmatch(page.url, f"{site.as_uri()}/{place}") and page.evaluate(style).startswith("Charter"), link
    for kind in ("record", "organisation"):
        page.goto(f"{(site / KINDS[kind]).as_uri()}/index.html")
        for form, start in (("JSON", '{"version": '), ("CSV", "record_id,")):
            path = unquote(urlsplit(page.locator(f"article a:text-is('{form}')").evaluate("a => a.href")).path)
            assert Path(path).read_text(encoding="utf-8").startswith(start)
    assert page.faults == [] and [url for url in page.requested if not url.startswith(site.as_uri())] == []
    page.context.close()


def test_a_button_copies_a_citation_and_fills_in_the_day(browser, address, site):
    page = opened(browser, f"{address}records/{RECORD}/", WIDTHS["desk"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#outcome .cites > summary")
    copied = {}
    for name in ("Harvard", "BibTeX"):
        form = page.locator("#outcome .cite", has_text=name)
        form.locator("summary").click()
        form.locator("button").click()
        form.get_by_text("Copied").wait_for()
        copied[name] = page.evaluate("navigator.clipboard.readText()")
    assert re.search(rf"{RECORD}/#outcome \(Accessed: \d\d? [A-Z][a-z]+ 20\d\d\)\. Record ", copied["Harvard"])
    entries = (site / "records" / f"{RECORD}.bib").read_text(encoding="utf-8")
    assert copied["BibTeX"] in entries and "#outcome}," in copied["BibTeX"]
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject())")
    form.locator("button").click()
    form.get_by_text("press Ctrl+C").wait_for()
    assert page.evaluate("getSelection().toString()").strip() == copied["BibTeX"]
    page.context.close()


def test_a_citation_is_there_without_scripts(browser, address):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}records/{RECORD}/")
    assert (
        page.locator(".cite pre >> visible=true").inner_text().startswith("NHS Cuts, Deficits and Deals contributors")
    )
    assert page.locator("button.copy").count() == 0
    page.context.close()


def test_all_can_be_read_and_downloaded_without_scripts(browser, address, site):
    """From the first page to a list, its record with every claim, and its files; the list has every record."""
    page = browser.new_context(java_script_enabled=False, viewport={"width": WIDTHS["phone"], "height": 800}).new_page()
    page.goto(address)
    page.click(".lead a >> nth=0")
    cuts = list(csv.DictReader((site / "download" / "cuts.csv").open(encoding="utf-8", newline="")))
    withdrawn = {r["record_id"] for r in rows(site, "records") if r["withdrawn"]}
    assert page.locator("table.rows tbody th a[href*='records/']").count() == len(
        {c["record_id"] for c in cuts} - withdrawn
    )
    page.goto(f"{address}records/{RECORD}/")
    claims = [row["claim_id"] for row in rows(site, "claims") if row["record_id"] == RECORD]
    assert all(page.locator(f"#{claim} .figure").is_visible() for claim in claims) and len(claims) > 2
    assert page.locator("svg.picture").first.is_visible()
    for link in page.locator("article a:text-matches('^(JSON|CSV|as CSV|SVG)$')").all():
        assert page.request.get(link.evaluate("a => a.href")).ok
    page.context.close()


# --- hostile text ------------------------------------------------------------------------------------------

ATTACK = '<script>hit=1</script><img src=x onerror="hit=1">'
TEXTS = {
    "title": f"A{ATTACK}|{{{{7*7}}}}",
    "summary": f"[x](javascript:hit=1) {ATTACK} **b**",
    "notes": f"{{% if %}} `c` | d | {ATTACK}",
    "by": f"B{ATTACK}",
    "says": f"freeze{ATTACK}[y](javascript:hit=1)",
    "publisher": f"P{ATTACK}",
    "source": f"S{ATTACK} | _t_",
    "note": f"1. N{ATTACK}",
    "asks": f"Q{ATTACK}",
}


@pytest.fixture(scope="module")
def hostile(contract, tmp_path_factory):
    """The site of the real data and of records whose every text is an attack; one is withdrawn, one was renamed.

    Its descriptor says that it stands at another address, under the prefix at which it is served.
    """
    tmp = tmp_path_factory.mktemp("hostile")
    data = tmp / "data"
    shutil.copytree(ROOT / "data", data)
    source = {
        "url": "https://example.org/a?x=1&y='(1)'".replace("'", ""),
        "publisher": TEXTS["publisher"],
        "title": TEXTS["source"],
        "published": "2026-11-20",
        "accessed": "2026-11-20",
        "tier": "press",
        "role": "origin",
        "says": TEXTS["says"],
        "locator": TEXTS["by"],
    }
    claim = {
        "id": "said",
        "date": "2026-11-20",
        "stage": "planned",
        "qualifier": "unquantified",
        "by": TEXTS["by"],
        "unit_as_worded": TEXTS["by"],
        "note": TEXTS["note"],
        "sources": [source],
    }
    record = {
        "title": TEXTS["title"],
        "organisation": "RAJ",
        "measure": "order",
        "period": "2026-27",
        "former_ids": ["raj-hostile-before"],
        "scope": {"boundary": TEXTS["by"]},
        "summary": TEXTS["summary"],
        "notes": TEXTS["notes"],
        "claims": [claim],
    }
    gone = record | {
        "title": f"Gone {ATTACK}",
        "withdrawn": TEXTS["notes"],
        "replaced_by": "raj-hostile",
        "former_ids": ["gone-before"],
    }
    survey = {
        "title": TEXTS["title"],
        "organisation": "nhs-providers",
        "published": "2026-11-20",
        "asked": TEXTS["asks"],
        "fieldwork": "not stated",
        "summary": TEXTS["summary"],
        "findings": [
            {
                "id": "one",
                "asks": TEXTS["asks"],
                "unit": "words",
                "qualifier": "unquantified",
                "about": TEXTS["by"],
                "sources": [source],
            }
        ],
    }
    for path, content in (
        ("cuts/raj-hostile", record),
        ("cuts/raj-hostile-gone", gone),
        ("surveys/nhs-providers-hostile", survey),
    ):
        (data / f"{path}.yml").write_text(yaml.safe_dump(content, allow_unicode=True, width=1000), encoding="utf-8")
    register = (data / "organisations.csv").read_text(encoding="utf-8")
    name = "Mid and South Essex NHS Foundation Trust"
    attack = ATTACK.replace('"', '""')
    (data / "organisations.csv").write_text(
        re.sub(f'"?{name}"?,', f'"{name}{attack}",', register, count=1), encoding="utf-8", newline=""
    )
    return build(data, Descriptor(contract.data | {"homepage": f"https://example.org/{PREFIX}/"}), tmp / "dist")


@pytest.fixture(scope="module")
def hostile_address(hostile, tmp_path_factory):
    yield from serve(hostile, tmp_path_factory.mktemp("hostile-served"))


def shown(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("records/raj-hostile/", ("title", "summary", "notes", "by", "says", "publisher", "source", "note")),
        ("records/raj-hostile-gone/", ("notes",)),
        ("records/nhs-providers-hostile/", ("title", "summary", "asks", "says")),
        ("organisations/RAJ/", ("title",)),
        ("cuts/", ("title", "says")),
        ("surveys/", ("title", "asks")),
        ("", ("title", "says", "publisher")),
    ],
)
def test_hostile_text_is_text(browser, hostile_address, path, texts):
    page = opened(browser, hostile_address + path, WIDTHS["phone"])
    assert page.faults == [] and page.evaluate("typeof hit") == "undefined"
    assert (
        page.evaluate("document.querySelectorAll('article script, article img, a[href^=javascript], [onerror]').length")
        == 0
    )
    read = shown(page.locator("article").text_content())
    linked = page.eval_on_selector_all("script[type='application/ld+json']", "all => all.map(e => e.textContent)")
    names = [json.loads(text)["name"] for text in linked]
    assert [shown(name) in read or not path for name in names] == [True] * (path == "" or "records/" in path)
    for name in texts:
        assert shown(TEXTS[name]) in read, name
    assert [url for url in page.requested if not url.startswith(hostile_address)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]
    page.context.close()


def test_hostile_text_is_text_in_explore(browser, hostile_address):
    page = opened(browser, f"{hostile_address}explore/?q=onerror&claims=all", WIDTHS["phone"])
    page.wait_for_selector("#x-rows tr")
    assert page.locator("#x-rows th a").first.inner_text() == shown(TEXTS["title"])
    assert page.locator("#x-rows q").first.inner_text() == shown(TEXTS["says"])
    assert page.evaluate("typeof hit") == "undefined" and page.locator("article img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]
    page.context.close()


def test_title_of_a_page_is_the_record_s(browser, hostile_address):
    page = opened(browser, f"{hostile_address}records/raj-hostile/", WIDTHS["desk"])
    assert page.title() == f"{TEXTS['title']} - NHS Cuts, Deficits and Deals"
    page.context.close()


def test_former_and_withdrawn_records_lead_to_those_in_their_place(browser, hostile_address):
    page = opened(browser, f"{hostile_address}records/raj-hostile-before/", WIDTHS["desk"])
    page.wait_for_url(f"{hostile_address}records/raj-hostile/")
    page.goto(f"{hostile_address}records/raj-hostile-gone/")
    assert page.locator(".notice a").first.evaluate("a => a.href") == f"{hostile_address}records/raj-hostile/"
    assert "raj-hostile-gone" not in page.goto(f"{hostile_address}cuts/").text()
    former, now = (page.request.get(f"{hostile_address}records/raj-hostile{i}.json").json() for i in ("-before", ""))
    assert former == now and now["url"] == "records/raj-hostile/" and now["record"]["title"] == TEXTS["title"]
    page.context.close()


def test_a_site_at_another_address_never_names_the_first(hostile, contract):
    home = contract.data["homepage"].encode().rstrip(b"/")
    files = [path for path in hostile.rglob("*") if path.suffix not in (".zip", ".gz") and path.is_file()]
    named = [path for path in files if path.name != "datapackage.json" or "releases" not in path.parts]  # as it was
    assert [str(path) for path in named if home in path.read_bytes()] == []
    canonical = f'<link rel="canonical" href="https://example.org/{PREFIX}/cuts/">'
    assert canonical in (hostile / "cuts" / "index.html").read_text(encoding="utf-8")


def test_an_unknown_address_under_a_prefix_has_a_page_with_styles_and_links(browser, hostile_address):
    page = opened(browser, f"{hostile_address}404.html", WIDTHS["desk"])
    assert page.faults == [] and all(url.startswith(hostile_address) for url in page.requested)
    page.click("article a >> nth=0")
    assert page.url == f"{hostile_address}cuts/"
    page.context.close()


# --- the files ---------------------------------------------------------------------------------------------


class _Links(HTMLParser):
    """Every id, and every address that a page links to or loads."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links = Counter(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids.update([attributes["id"]] if attributes.get("id") else [])
        self.links += [attributes[k] for k in ("href", "src") if attributes.get(k) is not None]


@functools.cache
def links(path: Path) -> _Links:
    return _Links(path.read_text(encoding="utf-8"))


def broken_links(site: Path, prefix: str = "") -> list[tuple[str, str]]:
    """Internal links of all pages of a site that stands under a prefix that lead to no file, or to no element."""
    pages = {path: links(path) for path in sorted(site.rglob("*.html"))}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            start = site if parts.path.startswith("/") else path.parent
            place = unquote(parts.path).removeprefix(f"/{prefix}").lstrip("/")
            target = Path(os.path.normpath(start / place)) if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            known = target in pages and (not parts.fragment or unquote(parts.fragment) in pages[target].ids)
            if not target.is_file() or not target.is_relative_to(site) or (target.suffix == ".html" and not known):
                broken.append((str(path.relative_to(site)), link))
    return broken


def test_every_link_inside_the_site_leads_somewhere(site, hostile):
    assert broken_links(site) == []
    assert broken_links(hostile, PREFIX) == []


def test_a_broken_link_would_be_found(tmp_path):
    (tmp_path / "index.html").write_text(
        '<a href="#no"></a><a href="gone/"></a><a href="../out"></a><p id="yes"><a href="#yes"></a>', encoding="utf-8"
    )
    assert [link for _, link in broken_links(tmp_path)] == ["#no", "gone/", "../out"]


def test_only_the_page_for_unknown_addresses_depends_on_where_the_site_stands(site):
    rooted = {
        str(p.relative_to(site))
        for p in site.rglob("*.html")
        if any(re.match("/(?!/)", link) for link in links(p).links)
    }
    assert rooted == {"404.html"}


def rows(site: Path, table: str) -> list[dict]:
    with (site / "download" / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_record_claim_and_organisation_has_its_address(site):
    ids = {r["record_id"]: links(site / "records" / r["record_id"] / "index.html").ids for r in rows(site, "records")}
    said = rows(site, "claims") + rows(site, "survey_findings")
    assert [r for r in said if (r.get("claim_id") or r["finding_id"]) not in ids[r["record_id"]]] == []
    assert all((site / "organisations" / r["organisation_id"] / "index.html").is_file() for r in rows(site, "records"))


def test_dictionary_and_pages_say_all_that_the_contract_says(site, contract):
    ids = links(site / "dictionary" / "index.html").ids
    assert {f"{table}.{f['name']}" for table in contract.tables for f in contract.fields(table)} <= ids.keys()


def test_no_page_has_an_id_twice(site, hostile):
    for path in [*site.rglob("*.html"), *hostile.rglob("*.html")]:
        assert [i for i, count in links(path).ids.items() if count > 1] == [], path


def interval(text: str) -> tuple:
    """The bounds that a shown total states, in units."""
    found = [
        Decimal(n.replace(",", "")) * {"bn": 10**9, "m": 10**6}.get(s, 1)
        for n, s in re.findall(r"([\d.,]*\d)(bn|m)?\b", text)
    ]
    if text.startswith("at least"):
        return found[0], None
    if text.startswith("up to"):
        return Decimal(0), found[0]
    return found[0], found[-1]


def recomputed(site: Path) -> dict[tuple, tuple]:
    """Each total added up from the published tables alone."""
    current = {(c["record_id"], c["claim_id"]): c for c in rows(site, "claims")}
    totals = {}
    for r in rows(site, "records"):
        if r["counted"] == "true":
            claim = current[r["record_id"], r["current_claim_id"]]
            low, high = (
                claim["value"] or claim[side] or ("0" if side == "low" and claim["high"] else "")
                for side in ("low", "high")
            )
            key = r["measure"], r["level"], r["period"]
            before = totals.get(key, (Decimal(0), Decimal(0)))
            totals[key] = tuple(
                None if not new or old is None else old + Decimal(new)
                for old, new in zip(before, (low, high), strict=True)
            )
    return totals


def test_totals_shown_are_those_of_the_tables(site):
    expected = recomputed(site)
    home = re.findall(r'<data value="(.*?)">(.*?)</data>', (site / "index.html").read_text("utf-8"))
    assert home and len({key.split("|")[0] for key, _ in home}) == len(home) <= 3
    every = re.findall(r'<data value="(.*?)">(.*?)</data>', (site / "totals" / "index.html").read_text("utf-8"))
    plain = {
        tuple(re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), key).split("|")): interval(text.replace("−", "-"))
        for key, text in home + every
    }
    assert plain == expected


def test_the_same_data_gives_the_same_bytes(site, tmp_path):
    """A second build, by the command, with another clock, time zone and hash seed."""
    result = run("build.py", "--dist", tmp_path / "again", TZ="Asia/Tokyo", PYTHONHASHSEED="7", LC_ALL="C")
    assert result.returncode == 0, result.stderr
    first, second = (
        {str(p.relative_to(top)): p.read_bytes() for p in sorted(top.rglob("*")) if p.is_file()}
        for top in (site, tmp_path / "again" / "site")
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


# --- settings and hand-written pages -----------------------------------------------------------------------


def test_the_site_has_one_address(site, contract):
    home = contract.data["homepage"]
    assert f'<link rel="canonical" href="{home}">' in (site / "index.html").read_text(encoding="utf-8")
    assert f"<loc>{home}cuts/</loc>" in (site / "sitemap.xml").read_text(encoding="utf-8")
    account = urlsplit(home).hostname.split(".")[0]
    assert contract.data["repository"] == f"https://github.com/{account}/{urlsplit(home).hostname}"
    for page in sorted((ROOT / "docs").glob("*.md")):
        assert {*re.findall(r"https://github\.com/([^/)\s]+)", page.read_text(encoding="utf-8"))} <= {account}, page


def test_the_site_bears_the_date_of_the_release_and_no_other(site, contract):
    dates = re.findall(r"<lastmod>(.*?)</lastmod>", (site / "sitemap.xml").read_text(encoding="utf-8"))
    assert set(dates) == {contract.data["created"][:10]}


def test_the_record_shown_to_contributors_passes_the_check(data):
    text = (ROOT / "docs" / "contribute.md").read_text(encoding="utf-8")
    path = re.search(r"`data/(cuts/[a-z0-9-]+\.yml)`", text)[1]
    (data / path).write_text(re.search(r"```yaml\n(.*?)```", text, re.S)[1], encoding="utf-8")
    found = [f["rule"] for f in faults(data) if path in f["file"]]
    assert set(found) <= {"source-differs", "claim-lost"}, "an example may tell less than the real record"


def test_serve_shows_a_record_as_soon_as_it_is_saved(data, tmp_path):
    """The command builds, serves, says when a record is faulty, and shows it once it is mended."""
    record = data / "cuts" / f"{RECORD}.yml"
    text = record.read_text(encoding="utf-8")
    title = re.search(r"^title: (.*)", text, re.M)[1]
    command = [
        sys.executable,
        ROOT / "scripts" / "serve.py",
        "--port",
        "0",
        "--data",
        data,
        "--dist",
        tmp_path / "dist",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as server:
        watchdog = threading.Timer(240, server.kill)
        watchdog.start()
        try:
            first = next(line for line in server.stdout if "ilt" in line)
            assert first.startswith("Built: http://127.0.0.1:")
            page = first.split()[1] + f"records/{RECORD}/"
            assert title in urllib.request.urlopen(page).read().decode()
            record.write_text(text.replace(title, ""), encoding="utf-8")
            assert next(line for line in server.stdout if "ilt" in line).startswith("Not built")
            record.write_text(text.replace(title, "Another title"), encoding="utf-8")
            assert next(line for line in server.stdout if "ilt" in line).startswith("Built")
            assert "Another title" in urllib.request.urlopen(page).read().decode()
        finally:
            watchdog.cancel()
            server.kill()


@pytest.mark.parametrize(("schema", "files"), [("record", "cuts/*.yml"), ("survey", "surveys/*.yml")])
def test_the_published_schema_accepts_the_records_by_its_own_tool(site, schema, files):
    """As an editor or anyone's check-jsonschema uses it, from the place that .vscode/settings.json names."""
    name = f"schema/{schema}.schema.json"
    assert f"dist/site/{name}" in (ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8")
    records = [str(path) for path in sorted((ROOT / "data").glob(files))]
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(site / name)]
    assert records and subprocess.run(command + records, capture_output=True, text=True).returncode == 0
    wrong = site.parent / "wrong.yml"
    wrong.write_text("title: x\norganisation: nobody\n", encoding="utf-8")
    assert subprocess.run([*command, str(wrong)], capture_output=True, text=True).returncode == 1
