"""Pages beside records, organisations and lists: measures, stages, sources, questions, and a start for each reader."""

from collections import Counter, defaultdict
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

from .changes import STATEMENTS, Change
from .coverage import years_of
from .descriptor import FOLDERS
from .render import slug
from .tables import read_rows
from .values import partial_span

REGISTERS = ("measures/index.md", "stages/index.md", "sources/index.md", "publishers/index.md")
STARTS = ("researcher", "journalist", "contributor", "citer")
NOT_THIS = {(row["column"], row["value"]): row["text"] for row in read_rows(Path(__file__).with_name("not_this.csv"))}
_FOLDER_OF = {kind: folder for folder, kind in FOLDERS.items()}
MANY = 25  # sources from which on a publisher has a page of its own, so that no page grows without bound
MENDED = (*STATEMENTS, "records", "surveys", "evidence")  # tables whose revisions and corrections a record shows


class ExampleGone(LookupError):
    """A page answers with a record that is gone, or that no longer shows what the page says of it."""


def write_pages_of_registers(data, write) -> None:
    """Write these pages. data: SiteData; write(path, template, **context) writes one page as Markdown."""
    known = publishers(data)
    for path in REGISTERS:
        write(path, path, publishers=known)
    for name in STARTS:
        write(f"start/{name}.md", f"start/{name}.md")
    write("looks-wrong.md", "looks-wrong.md", live=partial(live, data))
    records, claims = defaultdict(list), defaultdict(list)
    for record in data.records.values():
        records[record["measure"]].append(record)
        for said in record["statements"] if record["measure"] else ():
            claims[record["kind"], said["stage"]].append(said)
    for row in data.tables["measures"]:
        found = by_year(records[row["measure"]])
        write(f"measures/{row['measure']}.md", "measure.md", measure=row, years=found, not_this=of_register(row))
    for row in data.tables["stages"]:
        said = sorted(claims[row["kind"], row["stage"]], key=lambda s: (s["date"], s["record_id"]), reverse=True)
        found = [(year, list(rows)) for year, rows in groupby(said, key=lambda s: s["date"][:4])]
        write(f"stages/{row['kind']}-{row['stage']}.md", "stage.md", stage=row, claims=found, not_this=of_register(row))
    for letter in dict.fromkeys(row["letter"] for row in known):
        write(f"sources/{letter}.md", "sources.md", letter=letter, publishers=known)
    for row in filter(lambda row: row["many"], known):
        write(f"publishers/{row['id']}.md", "publisher.md", publisher=row)


# --- what a record's page says besides -----------------------------------------------------------------------


def record_context(data, record: dict, changed: list[tuple[str, Change]]) -> dict:
    """What a figure is not, what was mended in which release, and where to report, to edit and to read the record."""
    repository, file = data.meta["repository"], f"data/{_FOLDER_OF[record['kind']]}/{record['record_id']}.yml"
    asked = {"template": "report-a-figure.yml", "title": record["title"], "record": data.address(record["record_id"])}
    return {
        "not_this": of_register((record["current"] or {}) | record),
        "mended": changed,
        "report": f"{repository}/issues/new?{urlencode(asked)}",
        "edit": f"{repository}/edit/main/{file}",
    }


def of_register(row: dict) -> list[str]:
    """What a figure is not, by its measure, unit, stage, qualifier and scope: each a sentence without its full stop."""
    return [text for (column, value), text in NOT_THIS.items() if row.get(column) == value]


def mended(data) -> dict[str, list[tuple[str, Change]]]:
    """For each record the revisions and corrections of each version after the one before it, the latest first."""
    found = defaultdict(list)
    versions = [*data.editions, *([] if data.version in data.editions else [data.version])]
    for pair in list(zip(versions, versions[1:], strict=False))[::-1]:
        for change in data.changes[pair]:
            if change.why in ("revision", "correction") and change.table in MENDED:
                found[change.record].append((pair[1], change))
    return found


def latest_corrections(data, changed: dict[str, list[tuple[str, Change]]], count: int) -> list[tuple]:
    """The records last corrected: (version, record, its corrections in that version), the latest version first."""
    found = defaultdict(list)
    for record_id, changes in sorted(changed.items()):
        for version, change in changes:
            if change.why == "correction" and record_id in data.records:  # not one that has another id now
                found[version, record_id].append(change)
    versions = [*data.editions, data.version]
    latest = sorted(found.items(), key=lambda item: -versions.index(item[0][0]))  # within a version by id
    return [(version, data.records[record_id], rows) for (version, record_id), rows in latest[:count]]


# --- lists ---------------------------------------------------------------------------------------------------


def by_year(records: list[dict]) -> list[tuple[str, list[dict]]]:
    """Records by the last financial year that their period touches, the latest first; within it by kind."""
    found, kinds = defaultdict(list), list(FOLDERS.values())
    for record in sorted(records, key=lambda r: r["first_said"], reverse=True):
        day = partial_span(record["first_said"])[0]  # a survey has no period
        year = years_of(record["period"])[-1] if record["period"] else day.year - (day.month < 4)
        found[f"{year}-{(year + 1) % 100:02}"].append(record)
    return [(y, sorted(found[y], key=lambda r: kinds.index(r["kind"]))) for y in sorted(found, reverse=True)]


def publishers(data) -> list[dict]:
    """Publishers by name: id, letter, address, tiers, claims, and sources (latest first), each with its records."""
    records, claims, sources = defaultdict(dict), defaultdict(set), defaultdict(list)
    for row in data.tables["evidence"]:
        records[row["source_id"]][row["record_id"]] = data.records[row["record_id"]]
        claims[row["source_id"]].add((row["record_id"], row["claim_id"]))
    for row in data.tables["sources"]:
        sources[row["publisher"]].append(row | {"records": list(records[row["source_id"]].values())})
    shared, found = Counter(map(slug, sources)), []
    for name in sorted(sources, key=lambda name: (slug(name), name)):
        own = sorted(sources[name], key=lambda s: (s["published"] or "", s["source_id"]), reverse=True)
        stem, many = slug(name), len(own) >= MANY
        unique = stem if stem and shared[stem] == 1 else f"{stem}-{sha256(name.encode()).hexdigest()[:8]}".strip("-")
        letter = stem[0] if stem[:1].isalpha() else "other"
        row = {"name": name, "id": unique, "letter": letter, "many": many, "sources": own}
        row["address"] = f"publishers/{unique}/" if many else f"sources/{letter}/#{unique}"
        row["tiers"] = list(dict.fromkeys(source["tier"] for source in own))
        row["claims"] = len(set().union(*(claims[source["source_id"]] for source in own)))
        found.append(row)
    return found


def live(data, record_id: str, **expected: object) -> dict:
    """The record that a page answers with. Raises ExampleGone where it is gone or not as the page says it is."""
    record = data.records.get(record_id)
    if record is None or record["withdrawn"]:
        raise ExampleGone(f"looks-wrong.md.j2 answers with record {record_id}, which is gone: choose another there")
    known = (record["current"] or {}) | record
    for column, value in expected.items():
        if known[column] != value:
            raise ExampleGone(
                f"looks-wrong.md.j2 answers with record {record_id} as one whose {column} is {value}; "
                f"it is {known[column]}: choose another there"
            )
    return record
