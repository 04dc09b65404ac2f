"""What counts: totals as intervals in which no post and no pound stands twice, and breakdowns that add up."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from .derive import current_claim, ending, origins
from .faults import Fault
from .rules import Model, Record, source_details


@dataclass(frozen=True)
class Interval:
    """From low to high; None where that side is open. A sum of intervals is an interval."""

    low: Decimal | None
    high: Decimal | None

    def __add__(self, other: "Interval") -> "Interval":
        ends = ((self.low, other.low), (self.high, other.high))
        return Interval(*(None if None in end else sum(end) for end in ends))


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
        around = {i for target in overlapped & inside.keys() for i in inside[target]}  # what contains an overlapped one
        overlapping = [holding[i] for i in overlapped if i in holding] + [reaching[i] for i in wholes if i in reaching]
        overlapping += around & counted.keys()
        if containing or overlapping:
            rival = min(containing or overlapping, key=counted.__getitem__)
            reasons[record.id] = f"it {'is part of' if containing else 'overlaps'} {rival}, which is counted"
            continue
        for i in wholes:
            holding.setdefault(i, record.id)
        for i in overlapped | around:
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
    rows = []
    for key, (span, count) in sorted(sums.items()):
        measure = model.by_id("measures")[key[0]]
        row = dict(zip(("measure", "level", "period"), key, strict=True)) | vars(span)
        rows.append(row | {"unit": measure["unit"], "kind": measure["kind"], "records": count})
    return rows


def breakdown_faults(model: Model) -> Iterator[Fault]:
    """The parts of a complete breakdown add up to their whole, within the rounding of all figures."""
    stages = model.by_id("stages", "kind", "stage")
    for record in model.records.values():
        if "breakdown" not in record.data:
            continue
        parts = [r for r in model.records.values() if record.id in r.data.get("part_of", [])]
        claims = [current_claim(r, stages) for r in (record, *parts)]
        whole, *values = [claim and claim.get("value") for claim in claims]
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
