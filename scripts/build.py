#!/usr/bin/env python3
"""Build everything into dist/: check the data, write the data package and its ZIP, and make the site.

Exit status: 0 built, 1 faults in the data (nothing is built), 2 wrong use.
"""

import argparse
import sys
from pathlib import Path

from pipeline import descriptor
from pipeline.check import check
from pipeline.faults import as_text
from pipeline.package import version_of, write_package
from pipeline.site import build_site


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
    contract = descriptor.load()

    print("Checking the data …")
    checked = check(options.data, contract)
    for fault in checked.faults:
        print(as_text(fault))
    if checked.errors:
        print(f"{len(checked.errors)} faults to mend; nothing was built.", file=sys.stderr)
        return 1
    version = version_of(checked.tables, contract, options.data / "tables")
    print(f"Writing the data package, version {version} …")
    archive = write_package(checked.tables, contract, version, options.dist)
    print("Making the site (half a minute) …")
    build_site(checked, contract, version, options.dist)

    print(f"\n{len(checked.model.records)} records and {len(checked.tables['sources'].rows)} sources are built:")
    print(f"  data package  {options.dist / 'package'}")
    print(f"  the same, zip {archive}")
    print(f"  site          {options.dist / 'site' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
