#!/usr/bin/env python3
"""Check the records and registers, and say of every fault where it is and how to mend it.

Exit status: 0 clean, 1 faults in the data, 2 wrong use.
"""

import argparse
import gc
import sys
from pathlib import Path

from pipeline import descriptor
from pipeline.check import check
from pipeline.faults import FORMATS, newer_rules


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=descriptor.ROOT / "data", metavar="DIR", help="the data folder (default: data)"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="text for people, json one object a line, github annotations"
    )
    options = parser.parse_args()
    gc.disable()  # all that a check makes it needs until it ends: looking for waste takes a tenth of its time
    if not options.data.is_dir():
        parser.error(f"there is no folder {options.data}")
    checked = check(options.data, descriptor.load())
    sys.stdout.reconfigure(encoding="utf-8")  # whatever a terminal or a workflow's log is set to
    for fault in checked.faults:
        print(FORMATS[options.format](fault))
    if options.format == "text":
        claims = sum(len(record.claims) for record in checked.model.records.values())
        verdict = f"{len(checked.errors)} to mend" if checked.errors else "no faults"
        print(
            f"{len(checked.model.records)} sound records with {claims} claims and findings: {verdict}.", file=sys.stderr
        )
        if options.data.resolve() != descriptor.ROOT / "data" and (newer := newer_rules(checked.faults, options.data)):
            print(f"Rules that are newer than this data: {newer}.", file=sys.stderr)
    return 1 if checked.errors else 0


if __name__ == "__main__":
    sys.exit(main())
