#!/usr/bin/env python3
"""Build everything into dist/: check the data, write the data package and its ZIP, and make the site.

Exit status: 0 built, 1 faults in the data (nothing is built), 2 wrong use.
"""

import sys

from pipeline import descriptor
from pipeline.publish import Unpublishable, parser, publish


def main() -> int:
    command = parser(__doc__)
    options = command.parse_args()
    if not options.data.is_dir():
        command.error(f"there is no folder {options.data}")
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
