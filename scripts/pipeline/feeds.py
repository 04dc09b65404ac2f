"""Atom feeds (RFC 4287): new and changed claims, corrections apart, and one feed an organisation."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .archive import Edition
from .changes import STATEMENTS, Change

MOST = 200  # entries of a feed: readers poll it, and the whole history stands elsewhere
NEWS = ("new", "revision")


def write_feeds(past: list[Edition], changes: dict[tuple[str, str], list[Change]], described: dict, site: Path) -> None:
    """Write feed.xml, corrections.xml and organisations/<id>.xml of every release in the history at hand.

    described: the descriptor of the site that they stand on.
    """
    entries = [entry for entry in _entries(past, changes) if entry["why"] in (*NEWS, "correction")][::-1]
    news, mended = ([e for e in entries if (e["why"] in NEWS) == wanted] for wanted in (True, False))
    _write(site / "feed.xml", "New and changed figures", described, past[-1].date, news)
    _write(site / "corrections.xml", "Corrections", described, past[-1].date, mended)
    for organisation in sorted({entry["organisation_id"] for entry in entries}):
        own = [entry for entry in entries if entry["organisation_id"] == organisation]
        _write(site / "organisations" / f"{organisation}.xml", own[0]["organisation"], described, own[0]["date"], own)


def _entries(past: list[Edition], changes: dict[tuple[str, str], list[Change]]) -> Iterable[dict]:
    """What each release brought, oldest first: one entry a claim; of the first release every claim is new."""
    for before, edition in zip([None, *past], past, strict=False):
        if before is None:
            keys = [(id, row["id"], "new") for id, rows in edition.statements.items() for row in rows]
        else:
            rows = changes[before.version, edition.version]
            keys = [
                (*c.key.split(" "), c.why) for c in rows if c.table in STATEMENTS and c.key and c.change != "removed"
            ]
        claims = {(id, row["id"]): row for id, rows in edition.statements.items() for row in rows}
        for record_id, claim_id, why in sorted(dict.fromkeys(keys), key=lambda k: (claims[k[:2]].get("date", ""), k)):
            record = edition.records[record_id]
            yield {
                "record": record_id,
                "claim": claims[record_id, claim_id],
                "title": record["title"],
                "organisation": record["organisation_name"],
                "organisation_id": record["organisation_id"],
                "version": edition.version,
                "date": edition.date,
                "why": why,
            }


def _write(path: Path, title: str, described: dict, updated: str, entries: list[dict]) -> None:
    home, host = described["homepage"], urlsplit(described["homepage"]).hostname
    feed = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    name = path.stem if path.parent.name != "organisations" else f"organisations/{path.stem}"
    for tag, text in (
        ("id", f"tag:{host},2026:{name}"),
        ("title", f"{described['title']}: {title}"),
        ("updated", f"{updated}T00:00:00Z"),
        ("rights", described["licenses"][0]["title"]),
    ):
        SubElement(feed, tag).text = text
    SubElement(feed, "link", rel="self", href=f"{home}{name}.xml", type="application/atom+xml")
    SubElement(feed, "link", rel="alternate", href=home, type="text/html")
    SubElement(SubElement(feed, "author"), "name").text = described["contributors"][0]["title"]
    for entry in entries[:MOST]:
        _entry(feed, entry, home, host)
    indent(feed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="utf-8") + b"\n")


def _entry(feed: Element, entry: dict, home: str, host: str) -> None:
    claim, record = entry["claim"], entry["record"]
    element = SubElement(feed, "entry")
    said = f"{claim['stage'].replace('_', ' ')}, said {claim['date']}" if claim.get("date") else claim.get("asks", "")
    words = f"{claim['figure'] or 'in words'} ({said}). {entry['organisation']}. Version {entry['version']}."
    for tag, text in (
        ("id", f"tag:{host},{entry['date']}:{entry['version']}/{record}/{claim['id']}"),
        ("title", f"{entry['title']}: {claim['figure'] or 'in words'}"),
        ("updated", f"{entry['date']}T00:00:00Z"),
        ("summary", words),
    ):
        SubElement(element, tag).text = text
    SubElement(element, "category", term=entry["why"])
    SubElement(element, "link", rel="alternate", href=f"{home}records/{record}/#{claim['id']}", type="text/html")
