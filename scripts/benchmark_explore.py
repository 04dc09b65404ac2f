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

from playwright.sync_api import Browser, sync_playwright

from pipeline.descriptor import ROOT
from pipeline.tables import read_rows

SITE = ROOT / "dist" / "site"
RESULT = ROOT / "data" / "quality" / "explore_speed.csv"
PAGES = Path(__file__).with_name("benchmark_tools")  # what is done in each tool, and the pages of the two libraries
STEPS = read_rows(PAGES / "steps.csv")  # JavaScript, in which put(id, value, kind) fills in a field of Explore
LIBRARIES = ("DataTables", "Tabulator")
RUNS = 5
# Each step is run in the page; reading offsetHeight lays the page out before the clock is stopped.
TIMED = """step => new Promise(done => {
    const put = (id, value, kind) => {
        const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event(kind)) }
    const t = performance.now(); Promise.resolve(eval(step)).then(() => {
    document.body.offsetHeight; done(performance.now() - t) }) })"""


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
    more = {name: _changed(file[name], lambda at: at * times) for name in ("claims", "records", "states")}
    for table, column, of in (
        ("claims", "record", "records"),
        ("states", "record", "records"),
        ("states", "claim", "claims"),
    ):
        length, count = len(file[of]["id"]), len(file[table][column])
        more[table][column] = [n if n < 0 else n + i // count * length for i, n in enumerate(more[table][column])]
    order = sorted(range(len(more["states"]["day"])), key=more["states"]["day"].__getitem__)
    more["states"] = _changed(more["states"], lambda at: [at[i] for i in order])
    more["claims"] = _changed(more["claims"], lambda at: at[:size])
    return file | more


def _changed(table: dict, change) -> dict:
    """A table with every column changed; one of few different values is held as these and the places at which."""
    return {
        name: column | {"at": change(column["at"])} if isinstance(column, dict) else change(column)
        for name, column in table.items()
    }


def write_site(folder: Path, file: dict, libraries: Path) -> None:
    """The Explore page over a file, and a page of each library over the same rows."""
    (folder / "assets").symlink_to(SITE / "assets")
    (folder / "libraries").symlink_to(libraries.absolute())
    pages = {"Explore": SITE / "explore" / "index.html"} | {tool: PAGES / f"{tool}.html" for tool in LIBRARIES}
    for tool, page in pages.items():
        (folder / tool).mkdir()
        shutil.copyfile(page, folder / tool / "index.html")
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
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def timed(browser: Browser, folder: Path, tool: str):
    """For loading and each kind of interaction the median and the longest of its steps, over all runs."""
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        times: dict[str, list[float]] = {}
        for _ in range(RUNS):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/{tool}/")
            if tool == "Explore":
                page.wait_for_selector("#x-rows tr", timeout=120_000)
                page.evaluate("document.getElementById('x-all').click()")  # every claim is a row, as for the others
            else:
                page.evaluate("ready")
            times.setdefault("load", []).append(page.evaluate("performance.now()"))
            for step in (step for step in STEPS if step["tool"] == tool):
                times.setdefault(step["what"], []).append(page.evaluate(TIMED, step["step"]))
            page.close()
        server.shutdown()
    for what, found in times.items():
        yield {"what": what, "median_ms": round(statistics.median(found), 1), "longest_ms": round(max(found), 1)}


if __name__ == "__main__":
    sys.exit(main())
