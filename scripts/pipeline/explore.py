"""What the Explore page reads: every claim in columns, and what was known of every record on each day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from . import counting, derive
from .rules import Model, Record, source_details
from .tables import native
from .values import partial_span, period_span

TIERS = ("primary", "press", "secondary", "weak")  # the best first
_ID = re.compile(r"\b[a-z0-9]+(?:-[a-z0-9]+)+(?=, which is counted)")


def as_known(model: Model, day: date) -> Model:
    """The dataset of what had been said by a day: records with the claims dated on it or before.

    A date known to the month or year counts from that month's or year's last day.
    """
    records = {}
    for record in model.records.values():
        claims = [c for c in record.claims if "date" in c and partial_span(c["date"])[1] <= day]
        if len(claims) == len(record.claims):
            records[record.id] = record
        elif claims:
            cited = {source["url"] for claim in claims for source in claim["sources"]}
            details = {url: source_details(record)[url] for url in cited}  # which may stand at a later claim
            records[record.id] = Record(record.document, record.data | {record.list_key: claims}, details=details)
    return model.of(records)


def linked(model: Model) -> Iterator[Model]:
    """The dataset in parts that do not bear on one another: records that contain or overlap, at any remove."""
    neighbours = {i: set() for i in model.records}
    for i, record in model.records.items():
        for other in (*record.data.get("part_of", []), *record.data.get("overlaps", [])):
            neighbours[i].add(other)
            neighbours[other].add(i)
    left = dict.fromkeys(model.records)
    while left:
        found, queue = {}, [next(iter(left))]
        while queue:
            i = queue.pop()
            if i not in found:
                found[i] = model.records[i]
                queue += neighbours[i]
        for i in found:
            del left[i]
        yield model.of(found)


def days_of_change(model: Model, as_of: date) -> list[date]:
    """The days, as_of the last, on which something was said or a period has been over for a year."""
    claims = [(c, c.get("period", r.data.get("period"))) for r in model.records.values() for c in r.claims]
    said = {partial_span(claim["date"])[1] for claim, _ in claims if "date" in claim}
    ends = {period_span(period)[1] for _, period in claims if period}
    days = said | {derive.year_later(end) for end in ends if end}
    return sorted({day for day in days if day < as_of} | {as_of})


@dataclass(frozen=True)
class State:
    """What held of a record on a day: the claim that was current, its status, why it was in no total (else empty)."""

    claim: str | None
    status: str
    reason: str


def states(model: Model, day: date) -> dict[str, State]:
    """The state of every record that is not withdrawn and is no survey, as of a day; model: what was known by then."""
    stages, reasons = model.by_id("stages", "kind", "stage"), counting.counting(model)
    found = {}
    for record in model.records.values():
        if record.kind != "survey" and "withdrawn" not in record.data:
            current = derive.current_claim(record, stages)
            status = derive.status(record, model, day)
            found[record.id] = State(current and current["id"], status, reasons[record.id])
    return found


def changes_of(model: Model, as_of: date) -> list[tuple[date, str, State]]:
    """Every change of what held of a record, up to a day: the day, the record and its state from then on, in order."""
    changes = []
    for part in linked(model):
        known = {}
        for day in days_of_change(part, as_of):
            then = part if day == as_of else as_known(part, day)  # in the end all that is known
            now = states(then, day)
            changes += [(day, record, state) for record, state in now.items() if known.get(record) != state]
            known = now
    return sorted(changes, key=lambda change: change[:2])


def explorable(data) -> dict:
    """The page's file, of SiteData: labels of every vocabulary, and columns of organisations, records, claims, states.

    A column is a list, or {"values": its different values, "at": the place of each row's value among them}. A state
    holds from its day on (its place in `days`), until the next one of its record.
    """
    records = [r for r in data.records.values() if r["kind"] != "survey" and not r["withdrawn"]]
    claims = [s for r in records for s in r["statements"]]
    organisations = sorted({r["organisation_id"] for r in records})
    place = {r["record_id"]: i for i, r in enumerate(records)}
    changes = changes_of(data.model, data.as_of)
    said = [min(partial_span(c["date"])[1], data.as_of) for c in claims]  # a date of this year: said by now
    days = sorted({*said, *(day for day, _, _ in changes), data.as_of})  # the last is now
    place_of = {day: i for i, day in enumerate(days)}
    return {
        "version": data.version,
        "released": data.as_of.isoformat(),
        "homepage": data.meta["homepage"],
        "contributors": data.meta["contributors"][0]["title"],
        "title": data.meta["title"],
        "days": [day.isoformat() for day in days],
        "labels": _labels(data),
        "measures": {
            m: {"unit": row["unit"], "noun": data.figures.noun(row["unit"])} for m, row in data.measures.items()
        },
        "types": {f["name"]: f["type"] for f in data.contract.fields("claims")},
        "organisations": {
            "id": organisations,
            "name": [data.organisations[i]["name"] for i in organisations],
            "type": _coded(data.organisations[i]["type"] for i in organisations),
            "region": _coded(data.organisations[i]["region"] or "none" for i in organisations),
        },
        "records": {
            "id": [r["record_id"] for r in records],
            "title": [r["title"] for r in records],
            "organisation": [organisations.index(r["organisation_id"]) for r in records],
            **{name: _coded(r[name] for r in records) for name in ("kind", "measure", "level")},
        },
        "claims": _claims(data, claims, place) | {"said": [place_of[day] for day in said]},
        "states": _states(changes, place_of, place, claims),
    }


def _labels(data) -> dict[str, dict[str, str]]:
    """What the values of a column are called, where it is not by themselves."""
    return {
        "measure": {m: row["name"] for m, row in data.measures.items()},
        "level": {row["level"]: data.label("level", row["level"]) for row in data.types.values()},
        "type": {t: row["name"] for t, row in data.types.items()},
        "region": {"none": "no region"},
        "stage": {row["stage"]: row["name"] for row in data.tables["stages"]},
        "status": {s: row["name"] for s, row in data.statuses.items()},
        "tier": {tier: data.label("tier", tier) for tier in TIERS},
    }


def _claims(data, claims: list[dict], place: dict[str, int]) -> dict:
    spans = [counting.interval({k: v for k, v in c.items() if v is not None}) for c in claims]
    best = [min((e["tier"] for e in c["evidence"]), key=TIERS.index) for c in claims]
    return {
        "record": [place[c["record_id"]] for c in claims],
        "id": [c["id"] for c in claims],
        "date": [c["date"] for c in claims],
        "year": _coded(financial_year(c["period"]) for c in claims),
        "stage": _coded(c["stage"] for c in claims),
        "tier": _coded(best),
        "figure": [c["figure"] for c in claims],
        "low": [None if s.low is None else native(s.low) for s in spans],
        "high": [None if s.high is None else native(s.high) for s in spans],
        "about": [int(c["qualifier"] == "about") for c in claims],
        "says": [c["evidence"][0]["says"] for c in claims],
        "publisher": _coded(c["evidence"][0]["publisher"] for c in claims),
    }


def financial_year(period: str) -> str:
    """The financial year in which a period ends; of one with an open end, that in which it begins."""
    start, end = period_span(period)
    day = end or start
    year = day.year - (day.month < 4)
    return f"{year}-{(year + 1) % 100:02}"


def _states(changes: list[tuple], days: dict[date, int], place: dict[str, int], claims: list[dict]) -> dict:
    """Columns day, record, claim (−1: none), status, reason (empty: counted): a row where one differs from before."""
    position = {(c["record_id"], c["id"]): i for i, c in enumerate(claims)}
    return {
        "day": [days[day] for day, _, _ in changes],
        "record": [place[record] for _, record, _ in changes],
        "claim": [position.get((record, state.claim), -1) for _, record, state in changes],
        "status": _coded(state.status for _, _, state in changes),
        "reason": _coded(_ID.sub("another record", state.reason) for _, _, state in changes),
    }


def _coded(values) -> dict:
    """A column of few values, each written once, in the order in which they first come."""
    places: dict[object, int] = {}
    at = [places.setdefault(value, len(places)) for value in values]
    return {"values": list(places), "at": at}
