"""The rules that every record keeps, beyond its shape: each a small function that yields the faults it finds."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import words
from .faults import Fault, shown, suggestion
from .read import Document
from .values import WrongValue, partial_span, period_span

MAX_WORDS = 12
LINKS = ("part_of", "overlaps", "offsets", "see_also")


@dataclass
class Record:
    """One record: its file and its typed data."""

    document: Document
    data: dict

    @property
    def id(self) -> str:
        return self.document.id

    @property
    def kind(self) -> str:
        return self.document.kind

    @property
    def list_key(self) -> str:
        """Where its statements stand: a survey has findings, every other kind has claims."""
        return "findings" if self.kind == "survey" else "claims"

    @property
    def claims(self) -> list[dict]:
        return self.data.get(self.list_key) or []

    def sources(self) -> Iterator[tuple[tuple, dict, dict]]:
        """Every source with its path and its claim, in order of the file."""
        for i, claim in enumerate(self.claims):
            for j, source in enumerate(claim.get("sources", [])):
                yield (self.list_key, i, "sources", j), claim, source


@dataclass
class Model:
    """The whole dataset, typed: records by id, and the rows of each register."""

    records: dict[str, Record] = field(default_factory=dict)
    registers: dict[str, list[dict]] = field(default_factory=dict)

    def by_id(self, register: str, *key: str) -> dict:
        """A register's rows by their key (its first column unless named)."""
        rows = self.registers[register]
        key = key or tuple(rows[0])[:1]
        return {tuple(r[k] for k in key) if len(key) > 1 else r[key[0]]: r for r in rows}


# --- one record --------------------------------------------------------------------------------------------


def measure_and_stages(record: Record, model: Model) -> Iterator[Fault]:
    """A measure belongs to one kind of record, and each kind has its own stages."""
    if record.kind == "survey" or "measure" not in record.data:
        return
    measures = model.by_id("measures")
    measure = measures[record.data["measure"]]
    if measure["kind"] != record.kind:
        allowed = [m["measure"] for m in model.registers["measures"] if m["kind"] == record.kind]
        yield record.document.fault(("measure",), "measure-of-other-kind", f"the measure {shown(measure['measure'])} of a {measure['kind']}",
                                    f"a measure of a {record.kind}: {', '.join(allowed)}",
                                    "Choose another measure, or move the file to the folder of its kind.")
    stages = [s["stage"] for s in model.registers["stages"] if s["kind"] == record.kind]
    for i, claim in enumerate(record.claims):
        if claim["stage"] not in stages:
            yield record.document.fault(("claims", i, "stage"), "stage-of-other-kind", f"the stage {shown(claim['stage'])}",
                                        f"a stage of a {record.kind}: {', '.join(stages)}", suggestion(claim["stage"], stages, "Choose the stage that the source's words give."))


def bounds(record: Record, model: Model) -> Iterator[Fault]:
    """The qualifier decides which of value, low and high are filled, and low lies below high."""
    qualifiers = model.by_id("qualifiers")
    for i, claim in enumerate(record.claims):
        needs = qualifiers[claim["qualifier"]]
        path = (record.list_key, i)
        needed, given = ([n for n in ("value", "low", "high") if n in fields] for fields in ({k for k, v in needs.items() if v is True}, claim))
        if needed != given:
            yield record.document.fault((*path, "qualifier"), "qualifier-and-bounds",
                                        f"the qualifier {claim['qualifier']} with {' and '.join(given) or 'no figure'}",
                                        f"{' and '.join(needed) or 'no figure'}: {needs['definition']}",
                                        "Choose the qualifier that the words give, and fill the fields that go with it.")
        if "low" in claim and "high" in claim and claim["low"] >= claim["high"]:
            yield record.document.fault((*path, "low"), "bounds-swapped", f"low {claim['low']:f} and high {claim['high']:f}",
                                        "a low below the high", "Swap the two, or use one value.")


def percentages(record: Record, model: Model) -> Iterator[Fault]:
    """A share lies between 0 and 100."""
    unit = None if record.kind == "survey" else model.by_id("measures")[record.data["measure"]]["unit"]
    for i, claim in enumerate(record.claims):
        if claim.get("unit", unit) == "percent":
            for name in ("value", "low", "high"):
                if not 0 <= claim.get(name, 0) <= 100:
                    yield record.document.fault((record.list_key, i, name), "percent-range", f"{name} {claim[name]:f}",
                                                "a percentage from 0 to 100", "Write 50 for 50 per cent; is the measure the right one?")


def ids_and_replacements(record: Record, model: Model) -> Iterator[Fault]:
    """Ids are unique in the record; a claim replaces one earlier claim, once, and says why."""
    order: dict[str, int] = {}
    replaced: dict[str, str] = {}
    for i, claim in enumerate(record.claims):
        path = (record.list_key, i)
        if claim["id"] in order:
            yield record.document.fault((*path, "id"), "claim-id-twice", f"the id {shown(claim['id'])} a second time",
                                        "an id of its own for each", "Give this one another id.")
        if ("replaces" in claim) != ("because" in claim):
            given, lacking = ("replaces", "because") if "replaces" in claim else ("because", "replaces")
            yield record.document.fault((*path, given), "replaces-because", f"{given} without {lacking}", "both or neither",
                                        f"Add “{lacking}: …”, or delete the line.")
        target = claim.get("replaces")
        if target and target not in order:
            yield record.document.fault((*path, "replaces"), "replaces-unknown", f"replaces {shown(target)}",
                                        f"an earlier claim of this record: {', '.join(order) or 'there is none'}",
                                        "Write the id of the claim above that this one replaces.")
        elif target in replaced:
            yield record.document.fault((*path, "replaces"), "replaces-twice", f"{shown(target)} replaced a second time",
                                        "each claim replaced once", f"Replace {shown(replaced[target])}, which replaced it already.")
        elif target:
            replaced[target] = claim["id"]
        order.setdefault(claim["id"], i)
    for i, finding in enumerate(record.claims):
        other = finding.get("exclusive_with")
        if other and (other not in order or other == finding["id"]):
            yield record.document.fault((record.list_key, i, "exclusive_with"), "exclusive-unknown", f"exclusive with {shown(other)}",
                                        "another finding of this survey", f"Choose from: {', '.join(order)}.")


def says_length(record: Record, model: Model) -> Iterator[Fault]:
    """Only the figure's words enter the dataset: at most twelve, never a sentence."""
    places = [((*path, "says"), source["says"]) for path, _, source in record.sources()]
    places += [((record.list_key, i, "share", "says"), c["share"]["says"]) for i, c in enumerate(record.claims) if "share" in c]
    for path, says in places:
        count = len(says.split())
        if count > MAX_WORDS:
            yield record.document.fault(path, "says-too-long", f"{count} words in says", f"at most {MAX_WORDS} words",
                                        "Keep only the words that state the figure.")


def number_in_words(record: Record, model: Model) -> Iterator[Fault]:
    """The figure as typed is the figure in the words; at least one origin's words carry its qualifier."""
    if record.kind == "survey":
        own_unit, deficit = None, False
    else:
        own_unit = model.by_id("measures")[record.data["measure"]]["unit"]
        deficit = record.kind == "deficit"
    for i, claim in enumerate(record.claims):
        unit = claim.get("unit", own_unit)
        if unit == "words":
            continue
        loose, carried = [], False
        for j, source in enumerate(claim["sources"]):
            if source["role"] == "disputes":
                continue
            fault = _words_fault(record, (record.list_key, i, "sources", j, "says"), claim, unit, source, deficit)
            if fault is None:
                carried = True
            elif fault.rule == "qualifier-not-in-words":
                loose.append(fault)
            else:
                yield fault
        if loose and not carried:  # nobody's words carry the qualifier
            yield loose[0]
        if "share" in claim:
            yield from _share_fault(record, i, claim["share"])


STAFF_UNITS = {"posts", "wte", "people"}  # sources mix them; the measure decides, and unit_as_worded says so


def _words_fault(record: Record, path: tuple, claim: dict, unit: str, source: dict, deficit: bool) -> Fault | None:
    says = source["says"]
    typed = {name: claim.get(name) for name in ("value", "low", "high")}
    wrong = words.agrees(says, **typed, qualifier=claim["qualifier"], unit=unit, in_unit=source.get("in"), deficit=deficit)
    fields = {w.field for w in wrong}
    if "unit" in fields and unit in STAFF_UNITS and wrong[0].reading.unit in STAFF_UNITS:
        fields.discard("unit")
        if not fields and source["role"] == "origin" and "unit_as_worded" not in claim:
            return record.document.fault(path, "unit-not-in-words", f"the words {shown(says)} say {wrong[0].reading.unit}",
                                         f"{unit}, the unit of the measure", "Add “unit_as_worded: …”, or choose the measure that counts what the words say.")
    if not fields:
        return None
    reading = wrong[0].reading
    read = words.describe(reading) if reading else "no figure"
    if fields == {"qualifier"}:
        return record.document.fault(path, "qualifier-not-in-words", f"the words {shown(says)} say {read}", describe_typed(claim, unit),
                                     f"Use the qualifier {reading.qualifier}, or cite the words that say {claim['qualifier']}.")
    hint = next((w.hint for w in wrong if w.hint), "")
    fix = f"Did you mean {read}?" if reading else "Cite the words that state the figure."
    return record.document.fault(path, "figure-not-in-words", f"the words {shown(says)} say {read}", f"{describe_typed(claim, unit)}, as typed",
                                 " ".join(filter(None, (fix, hint and hint[0].upper() + hint[1:], "Correct the figure or the words."))))


def _share_fault(record: Record, i: int, share: dict) -> Iterator[Fault]:
    bound = {"more_than": "low", "at_least": "low", "nearly": "high", "up_to": "high"}.get(share["qualifier"], "value")
    wrong = words.agrees(share["says"], **{bound: share["percent"]}, qualifier=share["qualifier"], unit="percent")
    if wrong:
        read = words.describe(wrong[0].reading) if wrong[0].reading else "no figure"
        yield record.document.fault(("claims", i, "share", "says"), "share-not-in-words", f"the words {shown(share['says'])} say {read}",
                                    f"{share['qualifier']} {share['percent']:f} per cent, as typed", "Correct the share or its words.")


def describe_typed(claim: dict, unit: str | None) -> str:
    """A claim's figure in words, as messages and pages show it."""
    reading = words.Reading(claim.get("value"), claim.get("low"), claim.get("high"), claim["qualifier"], unit, None, "")
    return words.describe(reading)


def dates_in_order(record: Record, model: Model) -> Iterator[Fault]:
    """Said before published before read; an outturn is not known before its period ends."""
    period = record.data.get("period")
    for i, claim in enumerate(record.claims):
        said = partial_span(claim["date"]) if "date" in claim else None
        if said and claim["stage"] in ("outturn", "draft_outturn"):
            end = period_span(claim.get("period", period))[1]
            if end and said[1] < end:
                yield record.document.fault(("claims", i, "stage"), "outturn-too-early", f"the stage {claim['stage']} said on {claim['date']}",
                                            f"a date after the period's end, {end}", "Is it a forecast, or the year to date?")
        if said and claim.get("replaces"):
            before = next((c for c in record.claims if c["id"] == claim["replaces"]), None)
            if before and partial_span(before["date"])[0] > said[1]:
                yield record.document.fault(("claims", i, "date"), "replaces-later", f"{claim['date']}, before the claim it replaces ({before['date']})",
                                            "a date not before that claim's", "Check both dates, or which claim replaces which.")
    details = source_details(record)
    for path, claim, source in record.sources():
        known = details[source["url"]]
        published = partial_span(known["published"]) if "published" in known else None
        accessed = partial_span(known["accessed"])[1] if "accessed" in known else None
        if published and "date" in claim and partial_span(claim["date"])[0] > published[1]:
            yield record.document.fault((*path[:2], "date"), "said-after-published", f"said on {claim['date']}, published on {known['published']}",
                                        "a date not after the source's publication", "Check the date of the claim and of the source.")
        if published and accessed and published[0] > accessed:
            yield record.document.fault((*path, "published"), "published-after-accessed", f"published {known['published']}, read {known['accessed']}",
                                        "a publication not after the reading", "Check both dates.")


def source_details(record: Record) -> dict[str, dict]:
    """The bibliographic details of each address that a record cites: the first mention in the file gives them."""
    details: dict[str, dict] = {}
    for _, _, source in record.sources():
        known = details.setdefault(source["url"], {})
        for key in SOURCE_KEYS:
            if key in source:
                known.setdefault(key, source[key])
    return details


SOURCE_KEYS = ("publisher", "title", "published", "accessed", "archived", "seen_at", "tier")


def sources_complete(record: Record, model: Model) -> Iterator[Fault]:
    """A source's publisher and tier are given where a file first mentions it; a claim cites no phrase twice."""
    seen = set()
    for path, claim, source in record.sources():
        if source["url"] not in seen:
            for key in ("publisher", "tier"):
                if key not in source:
                    yield record.document.fault(path, "missing-key", f"no “{key}” at the first mention of {shown(source['url'])}",
                                                f"the source's {key}", f"Add “{key}: …”; later mentions need only url, role and says.")
        seen.add(source["url"])
        twin = next(s for s in claim["sources"] if (s["url"], s["says"]) == (source["url"], source["says"]))
        if twin is not source:
            yield record.document.fault(path, "source-twice", f"{shown(source['url'])} twice with the same words", "each source once in a claim",
                                        "Delete one of the two.")


# --- several records ---------------------------------------------------------------------------------------


def links(record: Record, model: Model) -> Iterator[Fault]:
    """A record links to other records, never to itself, in one way each, and part_of never runs in a circle."""
    ways = defaultdict(list)
    for link in LINKS:
        for i, target in enumerate(record.data.get(link, [])):
            ways[target].append((link, i))
            if target == record.id:
                yield record.document.fault((link, i), "link-to-itself", f"{link} names the record itself", "another record", "Delete the line.")
    for target, found in ways.items():
        if len(found) > 1:
            names = " and ".join(link for link, _ in found)
            yield record.document.fault(found[1], "link-twice", f"{shown(target)} under {names}", "one link to a record", "Keep the one that is true.")
    for link in ("part_of", "offsets"):
        circle = _circle(record, model, link)
        if circle:
            yield record.document.fault((link,), "link-circle", f"a circle: {' → '.join(circle)}", "links that end somewhere", f"Delete one {link} of the circle.")


def _circle(record: Record, model: Model, link: str) -> list[str] | None:
    """The way from a record along a link back to itself, shortest first; None where there is none."""
    paths, seen = [[record.id]], set()
    while paths:
        path = paths.pop(0)
        for target in model.records[path[-1]].data.get(link, []) if path[-1] in model.records else []:
            if target == record.id and len(path) > 1:
                return [*path, target]
            if target not in seen:
                seen.add(target)
                paths.append([*path, target])
    return None


def one_source_one_description(model: Model) -> Iterator[Fault]:
    """The same address has the same publisher, title, date and tier wherever it is cited."""
    first: dict[tuple[str, str], tuple[str, str, int]] = {}
    for record in model.records.values():
        for path, _, source in record.sources():
            for key in SOURCE_KEYS:
                if key not in source or key == "accessed":
                    continue
                line = record.document.place((*path, key))[0]
                value, file, at = first.setdefault((source["url"], key), (source[key], record.document.file, line))
                if value != source[key]:
                    yield record.document.fault((*path, key), "source-differs", f"{key} {shown(source[key])}",
                                                f"{shown(value)}, as in {file}:{at}", "Correct the one that the source itself does not bear out.")


def one_record_one_thing(model: Model) -> Iterator[Fault]:
    """No two records follow the same thing: organisation, measure, period and scope together are unique."""
    first: dict[tuple, Record] = {}
    for record in model.records.values():
        if record.kind == "survey" or "withdrawn" in record.data:
            continue
        data = record.data
        key = (data["organisation"], data["measure"], data["period"], tuple(sorted(data.get("scope", {}).items())))
        twin = first.setdefault(key, record)
        if twin is not record:
            yield record.document.fault(("organisation",), "record-twice", f"the same organisation, measure, period and scope as {twin.document.file}",
                                        "one record for one thing", "Add the claims to that record, or say under scope how this one differs.")


def former_ids_free(model: Model) -> Iterator[Fault]:
    """A former id stays reserved: no record takes it again."""
    for record in model.records.values():
        for i, old in enumerate(record.data.get("former_ids", [])):
            if old in model.records:
                yield record.document.fault(("former_ids", i), "former-id-taken", f"the former id {shown(old)}", "an id that no record has now",
                                            f"Rename {model.records[old].document.file}, or delete the line.")


def nothing_disappears(model: Model, released: dict[str, list[dict]], tables_file: str, known: set[str]) -> Iterator[Fault]:
    """Every record, claim and finding of the last release is still there, under its id or as a former id.

    released: rows of the released tables records, claims and survey_findings (empty before the first release).
    known: ids of all record files, sound or not, so that a broken file is not reported as a lost one.
    """
    former = {old: record for record in model.records.values() for old in record.data.get("former_ids", [])}
    for row_number, row in enumerate(released.get("records", []), start=2):
        if row["record_id"] not in known and row["record_id"] not in former:
            yield Fault(f"{tables_file}/records.csv", row_number, 1, "record-lost", f"no record {shown(row['record_id'])}, which is released",
                        "every released record, for its address is cited",
                        "Restore its file; to rename it list the old id under former_ids; to take it back add “withdrawn: why” to it.")
    for table, id_name in (("claims", "claim_id"), ("survey_findings", "finding_id")):
        for row_number, row in enumerate(released.get(table, []), start=2):
            record = model.records.get(row["record_id"]) or former.get(row["record_id"])
            if record and row[id_name] not in {c["id"] for c in record.claims}:
                yield Fault(record.document.file, 1, 1, "claim-lost", f"no {shown(row[id_name])} in {record.list_key}, which is released",
                            "every released claim: claims are never deleted",
                            "Restore it; if it was wrong, add a claim that replaces it because: our_correction.")


RECORD_RULES = (percentages, ids_and_replacements, says_length, sources_complete, dates_in_order, links)
FIGURE_RULES = (measure_and_stages, bounds, number_in_words)  # each presumes the ones before it
DATASET_RULES = (one_source_one_description, one_record_one_thing, former_ids_free)


def check_records(model: Model) -> Iterator[Fault]:
    for record in model.records.values():
        for rule in FIGURE_RULES:
            found = list(rule(record, model))
            yield from found
            if found:
                break
        for rule in RECORD_RULES:
            yield from rule(record, model)
    for rule in DATASET_RULES:
        yield from rule(model)


__all__ = ["Model", "Record", "WrongValue", "check_records", "describe_typed", "nothing_disappears", "source_details"]
