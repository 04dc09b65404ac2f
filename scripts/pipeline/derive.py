"""What is computed and never typed: the current claim, the status, what counts in totals, who corroborates."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .faults import Fault
from .rules import Model, Record, source_details
from .values import partial_span, period_span

OUTCOMES = ("draft_outturn", "outturn")
DEAL_STATUS = {
    "requested": "requested",
    "proposed": "proposed",
    "agreed": "agreed",
    "confirmed": "confirmed",
    "paid": "paid",
}


def origins(claim: dict, details: dict[str, dict]) -> int:
    """How many different publishers are an origin of the claim; repeats and rewrites do not corroborate."""
    found = [details[s["url"]] for s in claim["sources"] if s["role"] == "origin"]
    return len({source["publisher"] for source in found if source["tier"] != "weak"})


def review(claim: dict, details: dict[str, dict]) -> str:
    """unread where none of a claim's sources could be read; else as the curator says, entered unless checked."""
    read = any("accessed" in details[source["url"]] for source in claim["sources"])
    return claim.get("review", "entered") if read else "unread"


def in_order(claims: list[dict]) -> list[dict]:
    """Claims by date; where a date is too vague to tell which came first, as their file has them."""
    spans = [partial_span(claim["date"]) for claim in claims]
    left, ordered = list(range(len(claims))), []
    while left:
        first = next(i for i in left if not any(spans[other][1] < spans[i][0] for other in left))
        left.remove(first)
        ordered.append(claims[first])
    return ordered


def is_denial(claim: dict) -> bool:
    return all(source["role"] == "disputes" for source in claim["sources"])


def replaced_on(record: Record) -> dict[str, str]:
    """For each replaced claim the date of the claim that replaces it."""
    return {c["replaces"]: c["date"] for c in record.claims if "replaces" in c}


def current_claim(record: Record, stages: dict) -> dict | None:
    """The claim that holds now; None where nothing but denials was said.

    stages: the register's rows by (kind, stage). Of the claims that nothing replaces, those with an origin that is
    not weak come before others; an outcome before a figure for the whole period before words or a part of it; then
    the stage, the date and the place in the file decide. Stages that end a record (paused, withdrawn, refused)
    rank lowest: they leave the figure that they stop in place.
    """
    replaced, details = replaced_on(record), source_details(record)
    order = {claim["id"]: i for i, claim in enumerate(record.claims)}

    def strength(claim: dict) -> tuple:
        stage = stages[record.kind, claim["stage"]]
        whole_figure = stage["whole"] and claim["qualifier"] != "unquantified"
        firm = origins(claim, details) > 0
        return firm, stage["stage"] in OUTCOMES, whole_figure, stage["rank"], claim["date"], order[claim["id"]]

    standing = [claim for claim in record.claims if claim["id"] not in replaced and not is_denial(claim)]
    return max(standing, key=strength, default=None)


def ending(record: Record, current: dict, stages: dict) -> dict | None:
    """The latest claim that stops the record (paused, withdrawn, refused) and is not older than the current one."""
    ends = [
        c
        for c in record.claims
        if stages[record.kind, c["stage"]]["ends"]
        and not is_denial(c)
        and c["id"] not in replaced_on(record)
        and c["date"] >= current["date"]
    ]
    return max(ends, key=lambda c: c["date"]) if ends else None


def status(record: Record, model: Model, as_of: date) -> str:
    """What has become of the record as of a day: an id of the register of statuses."""
    if record.kind == "survey":
        return "reported"
    stages = model.by_id("stages", "kind", "stage")
    current = current_claim(record, stages)
    if current is None:
        return "refused" if record.kind == "deal" else "withdrawn"
    ended = ending(record, current, stages)
    if ended:
        return ended["stage"]
    if record.kind == "deal":
        return DEAL_STATUS.get(current["stage"], current["stage"])
    if current["stage"] in OUTCOMES:
        return _against_plan(record, current)
    if current["stage"] in ("scenario", "proposed"):
        return current["stage"]
    end = period_span(current.get("period", record.data["period"]))[1]
    heard = max(partial_span(c["date"])[1] for c in record.claims)
    if end and as_of >= _year_later(end) and heard < _year_later(end):
        return "unresolved"
    return "under_way"


def _year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _against_plan(record: Record, current: dict) -> str:
    plan = planned_claim(record)
    before, after = point(plan) if plan else None, point(current)
    if before is None or after is None:
        return "outcome_known"
    if record.kind == "cut":
        return "delivered" if after == before else "exceeded" if after > before else "delivered_in_part"
    return "on_plan" if after == before else "worse_than_plan" if after > before else "better_than_plan"


def planned_claim(record: Record) -> dict | None:
    """The plan that an outcome is held against: the first that was planned and that nothing replaces."""
    replaced = replaced_on(record)
    plans = [c for c in record.claims if c["stage"] == "planned" and c["id"] not in replaced and not is_denial(c)]
    return min(plans, key=lambda c: c["date"]) if plans else None


def point(claim: dict) -> Decimal | None:
    return claim.get("value")


@dataclass(frozen=True)
class Interval:
    """From low to high; None where that side is open. A sum of intervals is an interval."""

    low: Decimal | None
    high: Decimal | None

    def __add__(self, other: "Interval") -> "Interval":
        def both(a, b):
            return None if a is None or b is None else a + b

        return Interval(both(self.low, other.low), both(self.high, other.high))


ZERO = Interval(Decimal(0), Decimal(0))


def interval(claim: dict) -> Interval:
    """What a claim's figure may be: a point for exact and about, else its bounds; never below zero for `up to`."""
    if "value" in claim:
        return Interval(claim["value"], claim["value"])
    low = claim.get("low", Decimal(0) if "high" in claim else None)
    return Interval(low, claim.get("high"))


def counting(model: Model) -> dict[str, str]:
    """For every record why it is in no total; the empty text where it is counted.

    A total is over one measure, level and period. A record counts if its measure may be added up, its current claim
    is firm enough and carries a figure, and no counted record of that measure and level contains or overlaps it, in
    whatever period (so that totals of several periods may be added too). Of records that exclude each other the
    container counts before what it contains, and of two that overlap the larger.
    """
    reasons = {record.id: _own_reason(record, model) for record in model.records.values()}
    groups = defaultdict(list)
    for record in model.records.values():
        if not reasons[record.id]:
            groups[total_key(record, model)[:2]].append(record)
    for members in groups.values():
        _settle(members, model, reasons)
    return reasons


def total_key(record: Record, model: Model) -> tuple[str, str, str]:
    """The total a record belongs to: its measure, level and period."""
    return record.data["measure"], level(record, model), record.data["period"]


def level(record: Record, model: Model) -> str:
    organisation = model.by_id("organisations")[record.data["organisation"]]
    return model.by_id("organisation_types")[organisation["type"]]["level"]


def _own_reason(record: Record, model: Model) -> str:
    """Why a record alone, whatever else is there, is in no total."""
    if "withdrawn" in record.data:
        return "the record was withdrawn"
    if record.kind == "survey":
        return "a survey's findings are shares of those who answered, not announcements"
    stages = model.by_id("stages", "kind", "stage")
    current = current_claim(record, stages)
    if current is None:
        return "nothing but denials is recorded"
    measure = model.by_id("measures")[record.data["measure"]]
    if not measure["additive"]:
        return measure["not_additive_because"] or "its measure cannot be added up"
    mechanism = record.data.get("scope", {}).get("mechanism")
    if mechanism and not model.by_id("mechanisms")[mechanism]["counts"]:
        return f"{model.by_id('mechanisms')[mechanism]['name']} is not a cut"
    ended = ending(record, current, stages)
    if ended:
        return f"it was {stages[record.kind, ended['stage']]['name']}"
    if not stages[record.kind, current["stage"]]["counts"]:
        return f"the current claim is a {stages[record.kind, current['stage']]['name']} figure, which is in no total"
    if current["qualifier"] == "unquantified":
        return "the current claim is in words, without a figure"
    if not origins(current, source_details(record)):
        return "the current claim rests on weak sources or on repeats alone"
    if record.kind == "deficit" and record.data.get("scope", {}).get("deficit_support") == "after":
        return "it is stated after deficit support, which hides part of the deficit"
    return ""


def _settle(members: list[Record], model: Model, reasons: dict[str, str]) -> None:
    """Within one measure and level: whatever a counted record contains or overlaps is not counted."""
    stages = model.by_id("stages", "kind", "stage")
    inside = {record.id: ancestors(record, model) for record in members}

    def size(record: Record) -> Decimal:
        span = interval(current_claim(record, stages))
        return abs(span.low if span.low is not None else span.high or Decimal(0))

    counted: dict[str, int] = {}  # in this order
    holding: dict[str, str] = {}  # a record → the first counted one that it is or contains
    reaching: dict[str, str] = {}  # a record → the first counted one that overlaps it, itself or in a whole
    for record in sorted(members, key=lambda r: (len(inside[r.id] & inside.keys()), -size(r), r.id)):
        wholes = {record.id} | inside[record.id]
        overlapped = {target for i in wholes for target in model.records[i].data.get("overlaps", [])}
        containing = inside[record.id] & counted.keys()
        overlapping = [holding[i] for i in overlapped if i in holding] + [reaching[i] for i in wholes if i in reaching]
        if containing or overlapping:
            rival = min(containing or overlapping, key=counted.__getitem__)
            reasons[record.id] = f"it {'is part of' if containing else 'overlaps'} {rival}, which is counted"
            continue
        for i in wholes:
            holding.setdefault(i, record.id)
        for i in overlapped:
            reaching.setdefault(i, record.id)
        counted[record.id] = len(counted)


def ancestors(record: Record, model: Model) -> set[str]:
    """Every record that contains this one, at any remove."""
    found, queue = set(), list(record.data.get("part_of", []))
    while queue:
        target = queue.pop()
        if target not in found and target in model.records:
            found.add(target)
            queue += model.records[target].data.get("part_of", [])
    return found


def totals(model: Model) -> list[dict]:
    """Every total with its records: measure, level, period, unit, interval, how many; in order of their key."""
    reasons = counting(model)
    stages = model.by_id("stages", "kind", "stage")
    sums: dict[tuple, tuple[Interval, int]] = {}
    for record in model.records.values():
        if reasons[record.id]:
            continue
        key = total_key(record, model)
        span, count = sums.get(key, (ZERO, 0))
        sums[key] = span + interval(current_claim(record, stages)), count + 1
    units = model.by_id("measures")
    return [
        {
            "measure": key[0],
            "level": key[1],
            "period": key[2],
            "unit": units[key[0]]["unit"],
            "kind": units[key[0]]["kind"],
            "low": span.low,
            "high": span.high,
            "records": count,
        }
        for key, (span, count) in sorted(sums.items())
    ]


def cited(records: Iterable[Record]) -> dict[str, dict]:
    """Every source by its address, its details merged over all files: the latest reading, and how often cited."""
    sources: dict[str, dict] = {}
    for record in records:
        for url, details in source_details(record).items():
            known = sources.setdefault(url, {"url": url, "cited": 0})
            for key, value in details.items():
                known[key] = max(known.get(key, value), value) if key == "accessed" else known.get(key, value)
        for claim in record.claims:
            for url in {source["url"] for source in claim["sources"]}:
                sources[url]["cited"] += 1
    return sources


def breakdown_faults(model: Model) -> Iterator[Fault]:
    """The parts of a complete breakdown add up to their whole, within the rounding of all figures."""
    stages = model.by_id("stages", "kind", "stage")
    for record in model.records.values():
        if "breakdown" not in record.data:
            continue
        parts = [r for r in model.records.values() if record.id in r.data.get("part_of", [])]
        claims = [current_claim(r, stages) for r in (record, *parts)]
        whole, *values = [claim and point(claim) for claim in claims]
        if whole is None or None in values:
            continue  # bounds have no sum to compare
        tolerance = sum(map(rounding, (whole, *values)), Decimal(0))
        if abs(sum(values) - whole) > tolerance:
            sums = {"sum": f"{sum(values):f}", "whole": f"{whole:f}", "tolerance": f"{tolerance:f}"}
            yield record.fault(("breakdown",), "breakdown-sum", **sums)


def rounding(value: Decimal) -> Decimal:
    """Half a unit of the last digit that is not a trailing zero: 50 million for 2,200,000,000, 0.005 for 18.76."""
    exponent = value.normalize().as_tuple().exponent if value else 0
    return Decimal(10) ** exponent / 2
