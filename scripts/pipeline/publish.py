"""The whole way from a data folder to what is published: check → package → judge → seal → site."""

import argparse
from collections.abc import Callable
from pathlib import Path

from . import fitness
from .check import Checked, check
from .descriptor import ROOT, Descriptor
from .faults import as_text
from .package import seal_package, version_of, write_package
from .pages import ExampleGone
from .site import build_site


class Unpublishable(Exception):
    """Why nothing was published: faults in the data, or a critical judgement that failed; one line for each."""


def parser(about: str | None) -> argparse.ArgumentParser:
    """What every command that publishes is told: --data and --dist."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument(
        "--data", type=Path, default=ROOT / "data", metavar="DIR", help="the data folder (default: data)"
    )
    options.add_argument(
        "--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="where to build (default: dist)"
    )
    return options


def publish(data: Path, contract: Descriptor, dist: Path, say: Callable[[str], None] = print) -> Checked:
    """Write package, ZIP and site of a data folder into dist, saying each step. Raises Unpublishable."""
    say("Checking the data …")
    checked = check(data, contract)
    for fault in checked.faults:
        say(as_text(fault))
    if checked.errors:
        raise Unpublishable(f"{len(checked.errors)} faults to mend; nothing was built.")
    version = version_of(checked.tables, contract, data / "tables")
    say(f"Writing the data package, version {version} …")
    database = write_package(checked.tables, contract, dist)
    say("Judging it as a whole …")
    verdicts = fitness.judge(database, fitness.judgements() + fitness.losses(data / "tables"))
    for verdict in verdicts:
        if verdict.outcome != "passed":
            say(fitness.as_text(verdict))
    if any(verdict.stops for verdict in verdicts):
        raise Unpublishable("A critical judgement failed: mend the data, or the judgement in fitness.sql.")
    seal_package(checked.tables, contract, version, verdicts, dist)
    say("Making the site …")
    try:
        build_site(checked, contract, version, verdicts, dist)
    except ExampleGone as gone:
        raise Unpublishable(str(gone)) from gone
    return checked
