#!/usr/bin/env python3
"""Show the site on this machine, and rebuild it whenever a record or a page changes. End with Ctrl-C."""

import functools
import http.server
import sys
import threading
import time
from pathlib import Path

from pipeline import descriptor
from pipeline.publish import Unpublishable, parser, publish

WATCHED = ("docs", "scripts/templates", "mkdocs.yml", "datapackage.json")


def state(places: list[Path]) -> dict[Path, int]:
    """When each file at the watched places last changed."""
    files = [file for place in places for file in (place, *place.rglob("*"))]
    return {file: file.stat().st_mtime_ns for file in files if file.is_file()}


def build(data: Path, dist: Path) -> str:
    """Build package and site of a data folder; on faults say them and leave the last site as it is."""
    try:
        publish(data, descriptor.load(), dist)
    except (Unpublishable, RuntimeError) as error:  # or the site builder's warnings, such as a link to a lost page
        print(error, file=sys.stderr)
        return "Not built; mend this and save"
    return "Built"


def main() -> None:
    command = parser(__doc__)
    command.add_argument("--port", type=int, default=8000, help="where to listen (default: 8000)")
    options = command.parse_args()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=options.dist / "site")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    places, seen = [options.data, *(descriptor.ROOT / place for place in WATCHED)], None
    while True:
        if (now := state(places)) != seen:
            seen = now
            print(f"{build(options.data, options.dist)}: http://127.0.0.1:{server.server_port}/", flush=True)
        time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
