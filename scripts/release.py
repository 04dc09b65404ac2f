#!/usr/bin/env python3
"""Release the committed data as one commit: tables, descriptor, changelog, citation file and register of releases.

The version follows from what changed since the last release; a higher one may be asked for. What stands under
“Unreleased” in CHANGELOG.md becomes the section of the new version. Exit status: 0 released, 1 not, 2 wrong use.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from datetime import date

from pipeline.release import NotReleasable, release


def day(text: str) -> date:
    return date.fromisoformat(text)


def version(text: str) -> str:
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", text):
        raise ValueError(text)
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("date", type=day, help="day of the release, such as 2026-11-21")
    parser.add_argument("version", type=version, nargs="?", help="such as 0.2.0 (default: what the changes demand)")
    options = parser.parse_args()
    try:
        done, changes = release(options.version, options.date)
    except NotReleasable as reason:
        print(f"Not released: {reason}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"Not released: git says: {error.stderr.decode(errors='replace').strip()}", file=sys.stderr)
        return 1
    for (table, change, why), count in Counter((c.table, c.change, c.why) for c in changes).items():
        print(f"{table:20} {count:6} {change}, {why}")
    print(f"Version {done} is released; publish it with: git push")
    return 0


if __name__ == "__main__":
    sys.exit(main())
