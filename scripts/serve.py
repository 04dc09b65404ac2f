#!/usr/bin/env python3
"""Show the site on this machine, and rebuild it whenever a record or a page changes. End with Ctrl-C."""

import argparse
import functools
import http.server
import sys
import threading
import time
from pathlib import Path

from pipeline import descriptor
from pipeline.publish import Unpublishable, publish

WATCHED = ("docs", "scripts/templates", "mkdocs.yml", "datapackage.json")


def state(places: list[Path]) -> dict[Path, int]:
    """When each file at the watched places last changed."""
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*"))]
    return {file: file.stat().st_mtime_ns for file in files if file.is_file()}


def build(data: Path, dist: Path) -> bool:
    """Build package and site of a data folder; on faults say them and leave the last site as it is."""
    try:
        publish(data, descriptor.load(), dist)
    except (Unpublishable, RuntimeError) as error:  # or the site builder's warnings, such as a link to a lost page
        print(error, file=sys.stderr)
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=descriptor.ROOT / "data", metavar="DIR", help="the data folder (default: data)"
    )
    parser.add_argument(
        "--dist", type=Path, default=descriptor.ROOT / "dist", metavar="DIR", help="where to build (default: dist)"
    )
    parser.add_argument("--port", type=int, default=8000, help="where to listen (default: 8000)")
    options = parser.parse_args()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=options.dist / "site")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    places, seen = [options.data, *(descriptor.ROOT / place for place in WATCHED)], None
    while True:
        now = state(places)
        if now != seen:
            good = build(options.data, options.dist)
            print(
                f"{'Built' if good else 'Not built; mend this and save'}: http://127.0.0.1:{server.server_port}/",
                flush=True,
            )
            seen = now
        time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
