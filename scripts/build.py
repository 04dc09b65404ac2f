#!/usr/bin/env python3
"""Build everything into dist/: check the data, write the data package and its ZIP, and make the site.

Exit status: 0 built, 1 faults in the data (nothing is built), 2 wrong use.
"""

import argparse
import sys
from pathlib import Path

from pipeline import descriptor
from pipeline.publish import Unpublishable, publish


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=descriptor.ROOT / "data", metavar="DIR", help="the data folder (default: data)"
    )
    parser.add_argument(
        "--dist", type=Path, default=descriptor.ROOT / "dist", metavar="DIR", help="where to build (default: dist)"
    )
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"there is no folder {options.data}")
    try:
        checked = publish(options.data, descriptor.load(), options.dist)
    except Unpublishable as reason:
        print(reason, file=sys.stderr)
        return 1
    print(f"\n{len(checked.model.records)} records and {len(checked.tables['sources'].rows)} sources are built:")
    print(f"  data package  {options.dist / 'package'}")
    print(f"  its CSV, ZIP  {next(options.dist.glob('*.zip'))}")
    print(f"  site          {options.dist / 'site' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
