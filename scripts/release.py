#!/usr/bin/env python3
"""Release the data: compile data/tables/, and set version and date in datapackage.json and CHANGELOG.md.

The changelog's section “Unreleased” becomes that of the new version. Nothing is written unless the data is clean.
Exit status: 0 released, 1 faults in the data or nothing to release, 2 wrong use.
"""

import argparse
import re
import sys
from datetime import date

from pipeline import descriptor
from pipeline.check import check
from pipeline.faults import as_text
from pipeline.release import NotReleasable, release


def day(text: str) -> date:
    return date.fromisoformat(text)


def version(text: str) -> str:
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", text):
        raise ValueError(text)
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", type=version, help="such as 0.2.0")
    parser.add_argument("date", type=day, help="day of the release, such as 2026-11-21")
    options = parser.parse_args()
    contract = descriptor.load()
    checked = check(descriptor.ROOT / "data", contract, as_of=options.date)
    for fault in checked.faults:
        print(as_text(fault))
    if checked.errors:
        return 1
    try:
        release(checked.tables, contract, options.version, options.date)
    except NotReleasable as reason:
        print(f"Not released: {reason}", file=sys.stderr)
        return 1
    print(f"Version {options.version} is written; commit data/tables, datapackage.json and CHANGELOG.md together.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
