"""What is computed and never typed: the current claim, the status, who corroborates whom."""

from collections.abc import Iterable
from datetime import date

from .rules import Model, Record, source_details
from .values import partial_span, period_span

OUTCOMES = ("draft_outturn", "outturn")


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


def standing_claims(record: Record) -> list[dict]:
    """The claims that nothing replaces and that do not only deny."""
    replaced = replaced_on(record)
    return [claim for claim in record.claims if claim["id"] not in replaced and not is_denial(claim)]


def current_claim(record: Record, stages: dict) -> dict | None:
    """The claim that holds now; None where nothing but denials was said.

    stages: the register's rows by (kind, stage). Of the claims that nothing replaces, those with an origin that is
    not weak come before others; an outcome before a figure for the whole period before words or a part of it; then
    the stage, the date and the place in the file decide. Stages that end a record (paused, withdrawn, refused)
    rank lowest: they leave the figure that they stop in place.
    """
    details = source_details(record)
    order = {claim["id"]: i for i, claim in enumerate(record.claims)}

    def strength(claim: dict) -> tuple:
        stage = stages[record.kind, claim["stage"]]
        whole_figure = stage["whole"] and claim["qualifier"] != "unquantified"
        firm = origins(claim, details) > 0
        return firm, stage["stage"] in OUTCOMES, whole_figure, stage["rank"], claim["date"], order[claim["id"]]

    return max(standing_claims(record), key=strength, default=None)


def ending(record: Record, current: dict, stages: dict) -> dict | None:
    """The latest claim that stops the record (paused, withdrawn, refused) and is not older than the current one."""
    ends = (c for c in standing_claims(record) if stages[record.kind, c["stage"]]["ends"])
    return max((c for c in ends if c["date"] >= current["date"]), key=lambda c: c["date"], default=None)


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
        return current["stage"]  # the stages of a deal are its statuses too
    if current["stage"] in OUTCOMES:
        return _against_plan(record, current)
    if current["stage"] in ("scenario", "proposed"):
        return current["stage"]
    end = period_span(current.get("period", record.data["period"]))[1]
    heard = max(partial_span(c["date"])[1] for c in record.claims)
    if end and as_of >= year_later(end) and heard < year_later(end):
        return "unresolved"
    return "under_way"


def year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _against_plan(record: Record, current: dict) -> str:
    plan = planned_claim(record)
    before, after = plan and plan.get("value"), current.get("value")
    if before is None or after is None:
        return "outcome_known"
    if record.kind == "cut":
        return "delivered" if after == before else "exceeded" if after > before else "delivered_in_part"
    return "on_plan" if after == before else "worse_than_plan" if after > before else "better_than_plan"


def planned_claim(record: Record) -> dict | None:
    """The plan that an outcome is held against: the first that was planned and that nothing replaces."""
    plans = [claim for claim in standing_claims(record) if claim["stage"] == "planned"]
    return min(plans, key=lambda c: c["date"], default=None)


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
