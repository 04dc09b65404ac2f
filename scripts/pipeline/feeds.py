"""Atom feeds (RFC 4287): new and changed claims, corrections apart, and one feed an organisation."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from .api import write_file
from .archive import Edition
from .changes import STATEMENTS, Change, differences
from .render import templates

MOST = 200  # entries of a feed: readers poll it, and the whole history stands elsewhere
TITLES = {"feed": "New and changed figures", "corrections": "Corrections"}
Entry = tuple[Edition, dict, dict, str]  # a release, a record and a claim as they stand in it, and why it is news


def write_feeds(past: list[Edition], changes: dict[tuple[str, str], list[Change]], described: dict, site: Path) -> None:
    """Write feed.xml, corrections.xml and organisations/<id>.xml of every release in the history at hand.

    described: the descriptor of the site that they stand on.
    """
    feeds: dict[str, list[Entry]] = {name: [] for name in TITLES}
    organisations: dict[str, list[Entry]] = defaultdict(list)
    for entry in reversed(list(_entries(past, changes))):
        feeds["corrections" if entry[3] == "correction" else "feed"].append(entry)
        organisations[f"organisations/{entry[1]['organisation_id']}"].append(entry)
    home, template = described["homepage"], templates(lambda value: escape(str(value))).get_template("feed.xml.j2")
    for name, entries in (feeds | organisations).items():
        title = TITLES.get(name) or entries[0][1]["organisation_name"]
        updated = past[-1].date if name in TITLES else entries[0][0].date
        about = {"name": name, "title": title, "updated": updated, "entries": entries[:MOST], "described": described}
        write_file(site, f"{name}.xml", template.render(about, home=home, host=urlsplit(home).hostname))


def _entries(past: list[Edition], changes: dict[tuple[str, str], list[Change]]) -> Iterable[Entry]:
    """What each release brought, oldest first: one entry a claim; in the first release every claim is new."""
    for before, edition in zip([None, *past], past, strict=False):
        if before is None:
            rows = differences({}, edition.tables, edition.descriptor)
        else:
            rows = changes[before.version, edition.version]
        said = {(id, row["id"]): row for id, rows in edition.statements.items() for row in rows}
        news = {
            (*c.key.split(" "), c.why)
            for c in rows
            if c.table in STATEMENTS and c.key and c.change != "removed" and c.why not in ("editorial", "computed")
        }
        for record_id, id, why in sorted(news, key=lambda new: (said[new[:2]].get("date", ""), new)):
            yield edition, edition.records[record_id], said[record_id, id], why
