#!/usr/bin/env python3
"""Time the Explore page in Chromium beside DataTables and Tabulator on the same rows; milliseconds until laid out.

The rows are those of the built site, repeated under other ids. The two libraries are looked for in a folder of
node_modules (npm install datatables.net jquery tabulator-tables); without it Explore is timed alone.
"""

import argparse
import csv
import functools
import http.server
import json
import shutil
import statistics
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pipeline.descriptor import ROOT

SITE = ROOT / "dist" / "site"
RESULT = ROOT / "data" / "quality" / "explore_speed.csv"
RUNS = 5
LIBRARIES = {
    "DataTables": ("jquery/dist/jquery.min.js", "datatables.net/js/dataTables.min.js"),
    "Tabulator": ("tabulator-tables/dist/js/tabulator.min.js",),
}
# Each step is JavaScript run in the page; reading offsetHeight lays the page out before the clock is stopped.
TIMED = """step => new Promise(done => { const t = performance.now(); Promise.resolve(eval(step)).then(() => {
    document.body.offsetHeight; done(performance.now() - t) }) })"""
SET = (
    "(id, value, kind) => { const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event(kind)) }"
)
EXPLORE = {
    "search": [f"({SET})('x-q', '{text}', 'input')" for text in ("t", "trust", "trust job", "")],
    "filter": [
        "document.querySelector('#x-kind input').click()",
        "document.querySelectorAll('#x-year input')[4].click()",
    ],
    "sort": [f"({SET})('x-sort', '{order}', 'change')" for order in ("title", "largest", "newest")],
    "as known": [f"({SET})('x-known', {day}, 'input')" for day in (60, 120, 180)],
}
OTHERS = {
    "DataTables": {
        "search": [f"table.search('{text}').draw()" for text in ("t", "trust", "trust job", "")],
        "filter": ["table.column(1).search('London').draw()", "table.column(1).search('').draw()"],
        "sort": [f"table.order([{column}, 'asc']).draw()" for column in (0, 2, 4)],
    },
    "Tabulator": {
        "search": [
            f"table.setFilter(row => Object.values(row).some(v => String(v).toLowerCase().includes('{text}')))"
            for text in ("t", "trust", "trust job", "")
        ],
        "filter": ["table.setFilter('organisation', 'like', 'London')", "table.clearFilter()"],
        "sort": [f"table.setSort('{column}', 'asc')" for column in ("title", "figure", "date")],
    },
}
PAGES = {
    "DataTables": """<table id="t"></table><script>
        const names = ["title", "organisation", "figure", "stage", "date", "says"]
        const ready = fetch("rows.json").then(a => a.json()).then(rows => { window.table = new DataTable("#t",
          { data: rows, deferRender: true, pageLength: 50,
            columns: names.map(n => ({ data: n, title: n })) }) })</script>""",
    "Tabulator": """<div id="t"></div><script>
        const names = ["title", "organisation", "figure", "stage", "date", "says"]
        const ready = fetch("rows.json").then(a => a.json()).then(rows => new Promise(done => { window.table =
          new Tabulator("#t", { data: rows, height: 800, columns: names.map(n => ({ field: n, title: n })) })
          table.on("tableBuilt", done) }))</script>""",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sizes", type=int, nargs="*", default=[1000, 10000, 100000], metavar="N", help="how many claims"
    )
    parser.add_argument("--libraries", type=Path, default=ROOT / "build" / "node_modules")
    arguments = parser.parse_args()
    file = json.loads((SITE / "explore" / "claims.json").read_text(encoding="utf-8"))
    rows = []
    with sync_playwright() as playwright:
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox", "--disable-dev-shm-usage"]}
        browser = playwright.chromium.launch(**options)
        for size in arguments.sizes:
            with tempfile.TemporaryDirectory() as name:
                write_site(Path(name), repeated(file, size), arguments.libraries)
                for tool in ("Explore", *(LIBRARIES if arguments.libraries.is_dir() else ())):
                    rows += [{"tool": tool, "claims": size} | row for row in timed(browser, Path(name), tool)]
        browser.close()
    with RESULT.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(RESULT.read_text(encoding="utf-8"))
    return 0


def repeated(file: dict, size: int) -> dict:
    """The page's file with its first `size` claims, its records repeated as often as that takes."""
    times = -(-size // len(file["claims"]["record"]))
    claims, records, states = (
        {n: _times(c, times) for n, c in file[k].items()} for k in ("claims", "records", "states")
    )
    for table, column, step in (
        (claims, "record", "records"),
        (states, "record", "records"),
        (states, "claim", "claims"),
    ):
        length, count = len(file[step]["id"]), len(table[column]) // times
        table[column] = [n if n < 0 else n + i // count * length for i, n in enumerate(table[column])]
    order = sorted(range(len(states["day"])), key=states["day"].__getitem__)
    return file | {
        "claims": {name: _first(column, size) for name, column in claims.items()},
        "records": records,
        "states": {name: _picked(column, order) for name, column in states.items()},
    }


def _times(column, times: int):
    return column | {"at": column["at"] * times} if isinstance(column, dict) else column * times


def _first(column, size: int):
    return column | {"at": column["at"][:size]} if isinstance(column, dict) else column[:size]


def _picked(column, order: list[int]):
    at = column["at"] if isinstance(column, dict) else column
    return column | {"at": [at[i] for i in order]} if isinstance(column, dict) else [at[i] for i in order]


def write_site(folder: Path, file: dict, libraries: Path) -> None:
    """The Explore page over a file, and a page of each library over the same rows."""
    shutil.copytree(SITE / "assets", folder / "assets")
    (folder / "Explore").mkdir()
    shutil.copyfile(SITE / "explore" / "index.html", folder / "Explore" / "index.html")
    (folder / "Explore" / "claims.json").write_text(json.dumps(file), encoding="utf-8")
    records, claims = file["records"], file["claims"]
    rows = [
        {
            "title": records["title"][record],
            "organisation": file["organisations"]["name"][records["organisation"][record]],
            "figure": claims["figure"][i],
            "stage": claims["stage"]["values"][claims["stage"]["at"][i]],
            "date": claims["date"][i],
            "says": claims["says"][i],
        }
        for i, record in enumerate(claims["record"])
    ]
    for tool, files in LIBRARIES.items() if libraries.is_dir() else ():
        (folder / tool).mkdir()
        (folder / tool / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
        for path in files:
            shutil.copyfile(libraries / path, folder / tool / Path(path).name)
        scripts = "".join(f'<script src="{Path(path).name}"></script>' for path in files)
        (folder / tool / "index.html").write_text(f"<!doctype html>{scripts}{PAGES[tool]}", encoding="utf-8")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def timed(browser, folder: Path, tool: str):
    """For loading and each kind of interaction the median and the longest of its steps, over all runs."""
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        times: dict[str, list[float]] = {}
        for _ in range(RUNS):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/{tool}/")
            _ready(page, tool)
            times.setdefault("load", []).append(page.evaluate("performance.now()"))
            for kind, steps in (EXPLORE if tool == "Explore" else OTHERS[tool]).items():
                times.setdefault(kind, []).extend(page.evaluate(TIMED, step) for step in steps)
            page.close()
        server.shutdown()
    for kind, found in times.items():
        yield {"what": kind, "median_ms": round(statistics.median(found), 1), "longest_ms": round(max(found), 1)}


def _ready(page: Page, tool: str) -> None:
    if tool == "Explore":
        page.wait_for_selector("#x-rows tr", timeout=120_000)
        page.evaluate("document.getElementById('x-all').click()")  # every claim is a row, as for the others
    else:
        page.evaluate("ready")


if __name__ == "__main__":
    sys.exit(main())
