"""What the Explore page reads: every claim in columns, and what was known of every record at the end of each month."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

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
    return Model(records, model.registers)


def month_ends(first: date, last: date) -> Iterator[date]:
    """The last day of each month from that of `first` to that of `last`, at most `last` itself."""
    day = first.replace(day=1)
    while day <= last:
        following = (day + timedelta(days=31)).replace(day=1)
        yield min(following - timedelta(days=1), last)
        day = following


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


def explorable(data) -> dict:
    """The page's file, of SiteData: labels of every vocabulary, and columns of organisations, records, claims, states.

    A column is a list, or {"values": its different values, "at": the place of each row's value among them}. A state
    holds from its month on, until the next one of its record.
    """
    records = [r for r in data.records.values() if r["kind"] != "survey" and not r["withdrawn"]]
    claims = [s for r in records for s in r["statements"]]
    organisations = sorted({r["organisation_id"] for r in records})
    place = {r["record_id"]: i for i, r in enumerate(records)}
    months = list(month_ends(min(partial_span(c["date"])[1] for c in claims), data.as_of))
    return {
        "version": data.version,
        "released": data.as_of.isoformat(),
        "homepage": data.meta["homepage"],
        "contributors": data.meta["contributors"][0]["title"],
        "title": data.meta["title"],
        "months": [day.isoformat()[:7] for day in months],
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
        "claims": _claims(data, claims, place),
        "states": _states(data, months, place, claims),
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


def _states(data, months: list[date], place: dict[str, int], claims: list[dict]) -> dict:
    """Columns month, record, claim (−1: none), status, reason (empty: counted): a row where one differs from before."""
    position = {(c["record_id"], c["id"]): i for i, c in enumerate(claims)}
    rows, known = [], {}
    for month, day in enumerate(months):
        model = data.model if day == months[-1] else as_known(data.model, day)  # the last is all that is known
        for record, state in states(model, day).items():
            if known.get(record) != state:
                claim = position.get((record, state.claim), -1)
                reason = _ID.sub("another record", state.reason)
                rows.append((month, place[record], claim, state.status, reason))
                known[record] = state
    return {
        "month": [row[0] for row in rows],
        "record": [row[1] for row in rows],
        "claim": [row[2] for row in rows],
        "status": _coded(row[3] for row in rows),
        "reason": _coded(row[4] for row in rows),
    }


def _coded(values) -> dict:
    """A column of few values, each written once, in the order in which they first come."""
    places: dict[object, int] = {}
    at = [places.setdefault(value, len(places)) for value in values]
    return {"values": list(places), "at": at}
