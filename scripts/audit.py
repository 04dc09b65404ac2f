#!/usr/bin/env python3
"""Draw the claims of the last release to read again, as rows for data/audit_results.csv with their result left open.

Fill in `result` (right, wrong, source_gone) after reading a claim's sources; where it is wrong, say in what and how.
"""

import argparse
import csv
import sys

from pipeline import descriptor
from pipeline.audit import draw, drawable
from pipeline.tables import read_rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, nargs="?", default=100, help="about how many claims (default: 100)")
    options = parser.parse_args()
    if options.size < 1:
        parser.error("the size is 1 or more")
    contract = descriptor.load()
    folder = descriptor.ROOT / "data" / "tables"
    tables = {name: read_rows(folder / f"{name}.csv") for name in ("claims", "survey_findings")}
    writer = csv.DictWriter(sys.stdout, contract.columns("audit_results"), lineterminator="\n")
    writer.writeheader()
    version = contract.data["version"]
    for record_id, claim_id in draw(version, drawable(tables), options.size):
        writer.writerow({"audit": version, "record_id": record_id, "claim_id": claim_id})
    return 0


if __name__ == "__main__":
    sys.exit(main())
