"""The rules that every record keeps, beyond its shape: each a small function that yields the faults it finds.

What a rule says and why it is there stands in messages.csv, under the rule's name.
"""

import ast
import operator
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from . import words
from .faults import Fault, shown, suggestion
from .read import Document
from .values import is_financial_year, partial_span, period_span

MAX_WORDS = 12
LINKS = ("part_of", "overlaps", "offsets", "see_also")
SOURCE_KEYS = ("publisher", "title", "published", "accessed", "archived", "seen_at", "tier")
_OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
STAFF_UNITS = {"posts", "wte", "people"}  # sources mix them; the measure decides, and unit_as_worded says so


class Record:
    """One record: its file and its typed data."""

    def __init__(self, document: Document, data: dict, details: dict[str, dict] | None = None):
        self.document, self.data = document, data
        self.id, self.kind = document.id, document.kind
        self.list_key = "findings" if self.kind == "survey" else "claims"  # where its statements stand
        self.claims: list[dict] = data[self.list_key]
        self.details = details or {}  # of its sources, once they are asked for

    def numbered(self) -> Iterator[tuple[tuple, dict]]:
        """Every claim or finding with its path."""
        for i, claim in enumerate(self.claims):
            yield (self.list_key, i), claim

    def sources(self) -> Iterator[tuple[tuple, dict, dict]]:
        """Every source with its path and its claim, in order of the file."""
        for path, claim in self.numbered():
            for j, source in enumerate(claim["sources"]):
                yield (*path, "sources", j), claim, source

    def fault(self, path: tuple, rule: str, /, **values: object) -> Fault:
        return self.document.fault(path, rule, **values)


@dataclass
class Model:
    """The whole dataset, typed: records by id, and the rows of each register."""

    records: dict[str, Record] = field(default_factory=dict)
    registers: dict[str, list[dict]] = field(default_factory=dict)
    _by_id: dict[tuple, dict] = field(default_factory=dict, init=False, repr=False)

    def by_id(self, register: str, *key: str) -> dict:
        """A register's rows by their key (its first column unless named)."""
        if (register, key) not in self._by_id:
            rows = self.registers[register]
            columns = key or tuple(rows[0])[:1] if rows else ()
            self._by_id[register, key] = {tuple(r[k] for k in columns) if key else r[columns[0]]: r for r in rows}
        return self._by_id[register, key]

    def of(self, records: dict[str, Record]) -> "Model":
        """The dataset with other records and the same registers, which are indexed once."""
        other = Model(records, self.registers)
        other._by_id = self._by_id
        return other

    def unit(self, record: Record) -> str | None:
        """The unit of a record's claims; None for a survey, whose findings have each their own."""
        return None if record.kind == "survey" else self.by_id("measures")[record.data["measure"]]["unit"]


# --- one record: its figures -------------------------------------------------------------------------------


def measure_of_kind(record: Record, model: Model) -> Iterator[Fault]:
    """A measure belongs to one kind of record."""
    measure = model.by_id("measures").get(record.data.get("measure"))
    if measure and measure["kind"] != record.kind:
        allowed = ", ".join(m["measure"] for m in model.registers["measures"] if m["kind"] == record.kind)
        values = {"measure": shown(measure["measure"]), "other": measure["kind"], "kind": record.kind}
        yield record.fault(("measure",), "measure-of-other-kind", allowed=allowed, **values)


def bounds(record: Record, model: Model) -> Iterator[Fault]:
    """The qualifier decides which of value, low and high are filled, and low lies below high."""
    qualifiers = model.by_id("qualifiers")
    for path, claim in record.numbered():
        needs = qualifiers[claim["qualifier"]]
        needed = [name for name in ("value", "low", "high") if needs[name]]
        given = [name for name in ("value", "low", "high") if name in claim]
        if needed != given:
            lists = {"needed": " and ".join(needed) or "no figure", "given": " and ".join(given) or "no figure"}
            values = {"qualifier": claim["qualifier"], "definition": needs["definition"]}
            yield record.fault((*path, "qualifier"), "qualifier-and-bounds", **lists, **values)
        elif "low" in claim and "high" in claim and claim["low"] >= claim["high"]:
            yield record.fault((*path, "low"), "bounds-swapped", low=claim["low"], high=claim["high"])


def words_have_no_figure(record: Record, model: Model) -> Iterator[Fault]:
    """A measure or finding in words has no figure to hold."""
    for path, claim in record.numbered():
        if claim.get("unit", model.unit(record)) == "words" and claim["qualifier"] != "unquantified":
            yield record.fault((*path, "qualifier"), "figure-under-words", qualifier=claim["qualifier"])


def percentages(record: Record, model: Model) -> Iterator[Fault]:
    """A share lies between 0 and 100."""
    for path, claim in record.numbered():
        if claim.get("unit", model.unit(record)) == "percent":
            for name in ("value", "low", "high"):
                if not 0 <= claim.get(name, 0) <= 100:
                    yield record.fault((*path, name), "percent-range", name=name, value=claim[name])


def number_in_words(record: Record, model: Model) -> Iterator[Fault]:
    """The figure as typed is the figure in the words; at least one origin's words carry its qualifier."""
    for path, claim in record.numbered():
        unit = claim.get("unit", model.unit(record))
        stated = unit != "words" and "derived" not in claim
        loose, carried = [], False
        for j, source in enumerate(claim["sources"] if stated else ()):
            if source["role"] == "disputes":
                continue
            rule, values = _words_fault(record, claim, unit, source)
            here = (*path, "sources", j, "says")
            right = rule in ("", "unit-not-in-words")  # figure and qualifier are
            carried |= right and source["role"] == "origin"
            if rule == "qualifier-not-in-words":
                loose.append((source["role"] != "origin", here, values))
            elif rule:
                yield record.fault(here, rule, **values)
        if loose and not carried:  # nobody's words carry the qualifier
            _, here, values = min(loose, key=lambda found: found[0])
            yield record.fault(here, "qualifier-not-in-words", **values)
        if "share" in claim:
            yield from _share_fault(record, path, claim["share"])


def _words_fault(record: Record, claim: dict, unit: str, source: dict) -> tuple[str, dict]:
    """What one source's words deny of a claim: its figure, else its unit, else its qualifier; as rule and values."""
    figure = {name: claim.get(name) for name in ("value", "low", "high", "qualifier")}
    deficit = record.kind == "deficit"
    wrong = words.agrees(source["says"], **figure, unit=unit, in_unit=source.get("in"), deficit=deficit)
    if not wrong:
        return "", {}
    reading, fields = wrong[0].reading, {w.field for w in wrong}
    values = {"says": shown(source["says"]), "read": words.describe(reading) if reading else "no figure"}
    if "unit" in fields and {unit, reading.unit} <= STAFF_UNITS:
        fields.discard("unit")
        if not fields and source["role"] == "origin" and "unit_as_worded" not in claim:
            return "unit-not-in-words", {"unit": unit, **values}
    if not fields:
        return "", {}
    values["typed"] = describe_typed(claim, unit)
    if fields == {"qualifier"}:
        return "qualifier-not-in-words", {"qualifier": reading.qualifier, "wanted": claim["qualifier"], **values}
    hint = next((f"{w.hint[0].upper()}{w.hint[1:]} " for w in wrong if w.hint), "")
    advice = f"Did you mean {values['read']}? {hint}" if reading else "Cite the words that state the figure. "
    return "figure-not-in-words", {"advice": advice, **values}


def _share_fault(record: Record, path: tuple, share: dict) -> Iterator[Fault]:
    figure = {words.SLOT.get(share["qualifier"], "value"): share["percent"], "qualifier": share["qualifier"]}
    wrong = words.agrees(share["says"], **figure, unit="percent")
    if wrong:
        read = words.describe(wrong[0].reading) if wrong[0].reading else "no figure"
        values = {"says": shown(share["says"]), "read": read, "typed": describe_typed(figure, "percent")}
        yield record.fault((*path, "share", "says"), "share-not-in-words", **values)


def derived_figures(record: Record, model: Model) -> Iterator[Fault]:
    """A computed value follows from its arithmetic, and the arithmetic from figures that an origin states."""
    for path, claim in record.numbered():
        if "derived" not in claim:
            continue
        expression = claim["derived"]
        result = calculate(expression)
        if result is None or result != claim.get("value"):
            values = {"expression": shown(expression), "result": "no sum" if result is None else f"{result:f}"}
            typed = f"{claim['value']:f}" if "value" in claim else "a value"
            yield record.fault((*path, "derived"), "derived-arithmetic", value=typed, **values)
        origins = (source for source in claim["sources"] if source["role"] == "origin")
        readings = [r for source in origins for r in words.readings(source["says"], unit=source.get("in"))]
        stated = {abs(n) for r in readings for n in r.numbers()}
        for number in re.findall(r"[\d.]+", expression):
            if calculate(number) not in stated:
                known = ", ".join(f"{n:f}" for n in sorted(stated)) or "there is none"
                values = {"number": shown(number), "expression": shown(expression), "stated": known}
                yield record.fault((*path, "derived"), "derived-number", **values)


def calculate(expression: str) -> Decimal | None:
    """An arithmetic expression of plain numbers, + - * / and brackets; None where it is none."""

    def value(node: ast.expr) -> Decimal:
        if isinstance(node, ast.BinOp):
            return _OPERATIONS[type(node.op)](value(node.left), value(node.right))
        return Decimal(ast.get_source_segment(expression, node))

    try:
        return value(ast.parse(expression, mode="eval").body)
    except (ArithmeticError, KeyError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def recurrence_in_words(record: Record, model: Model) -> Iterator[Fault]:
    """Once, or each year: where an origin's words say it, the scope does not say the other."""
    wanted = record.data.get("scope", {}).get("recurrence")
    for path, _, source in record.sources() if wanted else ():
        said = {reading.recurrence for reading in words.readings(source["says"])} - {None}
        if source["role"] == "origin" and said and wanted not in said:
            values = {"says": shown(source["says"]), "read": " and ".join(sorted(said)), "wanted": wanted}
            yield record.fault((*path, "says"), "recurrence-not-in-words", **values)


def title_figures(record: Record, model: Model) -> Iterator[Fault]:
    """A figure in the title is one of the record's: of a claim, of words quoted, or of our own summary and notes."""
    lost = [reading for reading in words.readings(record.data["title"]) if reading.unit]
    known: set[Decimal] = {Decimal(0)}
    stated = _stated(record)
    while lost and (more := next(stated, None)) is not None:  # reading words takes time: no more than are needed
        known |= set(map(abs, more))  # a surplus of £7m is a deficit of -£7m
        lost = [reading for reading in lost if not known.issuperset(map(abs, reading.numbers()))]
    for reading in lost:
        yield record.fault(("title",), "title-figure", read=words.describe(reading))


def _stated(record: Record) -> Iterator[set[Decimal]]:
    """The numbers of a record's claims, of the words quoted, and of each piece of our own texts."""
    yield {c[name] for c in record.claims for name in ("value", "low", "high") if name in c}
    yield {c["share"]["percent"] for c in record.claims if "share" in c}
    texts = [source["says"] for _, _, source in record.sources()]
    ours = (record.data.get("summary"), record.data.get("notes"), record.data.get("scope", {}).get("boundary"))
    for text in texts + re.split(r"(?<=[.;,:(])\s", " ".join(filter(None, ours))):
        yield {n for reading in words.readings(text) for n in reading.numbers()}


def id_says_whose_and_when(record: Record, model: Model) -> Iterator[Fault]:
    """A record's id begins with its organisation's; a financial year in it is one of its period's."""
    organisation = record.data["organisation"]
    if not record.id.startswith(f"{organisation.lower()}-"):
        yield record.fault(("organisation",), "id-of-another", id=shown(record.id), organisation=organisation)
    year = re.search(r"(?<!\d)20\d\d-\d\d(?![\d-]\d)", record.id)
    if record.kind == "survey" or not year or not is_financial_year(year[0]):
        return
    start, end = period_span(year[0])
    periods = [record.data["period"], *(claim["period"] for claim in record.claims if "period" in claim)]
    spans = [period_span(period) for period in periods]
    if not any((first is None or first <= end) and (last is None or last >= start) for first, last in spans):
        yield record.fault(("period",), "id-of-another-year", id=shown(record.id), period=record.data["period"])


def describe_typed(claim: dict, unit: str | None) -> str:
    """A claim's figure in words, as messages and pages show it."""
    figure = (claim.get(name) for name in ("value", "low", "high"))
    return words.describe(words.Reading(*figure, claim["qualifier"], unit, None, ""))


# --- one record: the rest ----------------------------------------------------------------------------------


def stages_of_kind(record: Record, model: Model) -> Iterator[Fault]:
    """Each kind of record has its own stages."""
    stages = [s["stage"] for s in model.registers["stages"] if s["kind"] == record.kind]
    for path, claim in record.numbered():
        stage = claim.get("stage")
        if stage and stage not in stages:
            hint = suggestion(stage, stages, "Choose the stage that the source's words give.")
            values = {"stage": shown(stage), "kind": record.kind, "allowed": ", ".join(stages), "suggestion": hint}
            yield record.fault((*path, "stage"), "stage-of-other-kind", **values)


def ids_and_replacements(record: Record, model: Model) -> Iterator[Fault]:
    """Ids are unique in the record; a claim replaces one earlier claim, once, and says why."""
    known: list[str] = []
    replaced: dict[str, str] = {}
    for path, claim in record.numbered():
        same = [c for c in record.claims[: path[1]] if c | {"id": ""} == claim | {"id": ""}]
        if same and claim["id"] not in known:
            yield record.fault(path, "claim-twice", id=shown(same[0]["id"]))
        if claim["id"] in known:
            yield record.fault((*path, "id"), "claim-id-twice", id=shown(claim["id"]))
        if ("replaces" in claim) != ("because" in claim):
            given, lacking = ("replaces", "because") if "replaces" in claim else ("because", "replaces")
            yield record.fault((*path, given), "replaces-because", given=given, lacking=lacking)
        target = claim.get("replaces")
        if target and target not in known:
            list_ = ", ".join(known) or "there is none"
            yield record.fault((*path, "replaces"), "replaces-unknown", target=shown(target), known=list_)
        elif target in replaced:
            by = shown(replaced[target])
            yield record.fault((*path, "replaces"), "replaces-twice", target=shown(target), by=by)
        elif target:
            replaced[target] = claim["id"]
        known.append(claim["id"])
    for path, finding in record.numbered():
        other = finding.get("exclusive_with")
        if other and (other not in known or other == finding["id"]):
            values = {"target": shown(other), "known": ", ".join(known)}
            yield record.fault((*path, "exclusive_with"), "exclusive-unknown", **values)


def says_length(record: Record, model: Model) -> Iterator[Fault]:
    """Only the figure's words enter the dataset: at most twelve, never a sentence."""
    quoted = [((*path, "says"), source["says"]) for path, _, source in record.sources()]
    quoted += [((*path, "share", "says"), c["share"]["says"]) for path, c in record.numbered() if "share" in c]
    for path, says in quoted:
        if len(says.split()) > MAX_WORDS:
            yield record.fault(path, "says-too-long", count=len(says.split()), limit=MAX_WORDS)


def source_details(record: Record) -> dict[str, dict]:
    """The bibliographic details of each address that a record cites: the first mention in the file gives them."""
    for _, _, source in () if record.details else record.sources():
        given = {key: source[key] for key in SOURCE_KEYS if key in source}
        record.details[source["url"]] = given | record.details.get(source["url"], {})
    return record.details


def sources_complete(record: Record, model: Model) -> Iterator[Fault]:
    """A source's publisher and tier are given where a file first mentions it; a claim cites no phrase twice."""
    seen = set()
    for path, claim, source in record.sources():
        url = shown(source["url"])
        for key in ("publisher", "tier"):
            if key not in source and source["url"] not in seen:
                yield record.fault(path, "source-incomplete", key=key, url=url)
        seen.add(source["url"])
        twin = next(s for s in claim["sources"] if (s["url"], s["says"]) == (source["url"], source["says"]))
        if twin is not source:
            yield record.fault(path, "source-twice", url=url)
        figure = {name: claim[name] for name in ("value", "low", "high") if name in claim}
        disputes = source["role"] == "disputes" and figure
        if disputes and not words.agrees(source["says"], **figure, qualifier=claim["qualifier"]):
            yield record.fault((*path, "role"), "disputes-and-agrees", says=shown(source["says"]))


def claim_dates(record: Record, model: Model) -> Iterator[Fault]:
    """An outturn is not known before its period ends; a claim does not replace a later one."""
    by_id = {claim["id"]: claim for claim in record.claims}
    for path, claim in record.numbered():
        if "date" not in claim:
            continue
        end = period_span(claim.get("period", record.data["period"]))[1]
        said = partial_span(claim["date"])
        if claim["stage"] in ("outturn", "draft_outturn") and end and said[1] < end:
            values = {"stage": claim["stage"], "date": claim["date"], "end": end}
            yield record.fault((*path, "stage"), "outturn-too-early", **values)
        before = by_id.get(claim.get("replaces"))
        if before and partial_span(before["date"])[0] > said[1]:
            yield record.fault((*path, "date"), "replaces-later", date=claim["date"], other=before["date"])


def source_dates(record: Record, model: Model) -> Iterator[Fault]:
    """Said before published before read."""
    details = source_details(record)
    for path, claim, source in record.sources():
        known = details[source["url"]]
        where = ((*path[:2], "date"), claim["date"]) if "date" in claim else (("published",), record.data["published"])
        for name, rule in (("published", "said-after-published"), ("accessed", "said-after-accessed")):
            if name in known and partial_span(where[1])[0] > partial_span(known[name])[1]:
                yield record.fault(where[0], rule, date=where[1], other=known[name])
                break
        if {"published", "accessed"} <= known.keys() and known["accessed"] < known["published"]:
            values = {"published": known["published"], "accessed": known["accessed"]}
            yield record.fault((*path, "published"), "published-after-accessed", **values)


# --- several records ---------------------------------------------------------------------------------------


def links(record: Record, model: Model) -> Iterator[Fault]:
    """A record links to other records, never to itself, in one way each, and part_of never runs in a circle."""
    ways = defaultdict(list)
    for link in LINKS:
        for i, target in enumerate(record.data.get(link, [])):
            ways[target].append((link, i))
            if target == record.id:
                yield record.fault((link, i), "link-to-itself", link=link)
    for target, found in ways.items():
        if len(found) > 1:
            names = " and ".join(link for link, _ in found)
            yield record.fault(found[1], "link-twice", target=shown(target), links=names)
    for i, target in enumerate(record.data.get("part_of", [])):
        whole = model.records.get(target)
        if whole and whole.data.get("measure") != record.data["measure"]:
            values = {"target": shown(target), "other": whole.data.get("measure"), "measure": record.data["measure"]}
            yield record.fault(("part_of", i), "part-of-another-measure", **values)
    for link in ("part_of", "offsets"):
        circle = _circle(record, model, link)
        if circle:
            yield record.fault((link,), "link-circle", circle=" → ".join(circle), link=link)


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


def parents(model: Model, document: Document) -> Iterator[Fault]:
    """No organisation belongs to itself, directly or by way of others."""
    parent_of = {row["organisation_id"]: row["parent_id"] for row in model.registers["organisations"]}
    for index, row in enumerate(model.registers["organisations"]):
        way = [row["organisation_id"]]
        while (above := parent_of.get(way[-1])) and above not in way[1:]:
            way.append(above)
            if above == way[0]:
                yield document.fault((index, "parent_id"), "parent-circle", circle=" → ".join(way))
                break


def search_years(model: Model, document: Document) -> Iterator[Fault]:
    """A search covers financial years, in order."""
    for index, row in enumerate(model.registers["searches"]):
        first, last = row["first_year"] or "", row["last_year"] or ""
        if not (is_financial_year(first) and is_financial_year(last) and first <= last):
            yield document.fault((index, "last_year"), "search-years", first=shown(first), last=shown(last))


def audit_rows(model: Model, document: Document) -> Iterator[Fault]:
    """An audit reads claims that are there, and says in what a wrong one is wrong."""
    for index, row in enumerate(model.registers["audit_results"]):
        record = model.records.get(row["record_id"])
        if record and row["claim_id"] not in {claim["id"] for claim in record.claims}:
            values = {"id": shown(row["claim_id"]), "record": row["record_id"]}
            yield document.fault((index, "claim_id"), "audit-unknown-claim", **values)
        if row["result"] and (row["result"] == "wrong") != bool(row["wrong_in"]):
            values = {"result": row["result"], "wrong_in": shown(row["wrong_in"] or "")}
            yield document.fault((index, "wrong_in"), "audit-wrong-in", **values)


def one_source_one_description(model: Model) -> Iterator[Fault]:
    """The same address has the same publisher, title, date and tier wherever it is cited."""
    first: dict[tuple[str, str], tuple[Record, tuple, str]] = {}
    for record in model.records.values():
        for path, _, source in record.sources():
            for key in set(SOURCE_KEYS) & set(source) - {"accessed"}:
                other, place, value = first.setdefault((source["url"], key), (record, (*path, key), source[key]))
                if value != source[key]:
                    where = {"file": other.document.file, "line": other.document.place(place)[0]}
                    values = {"key": key, "value": shown(source[key]), "other": shown(value)}
                    yield record.fault((*path, key), "source-differs", **values, **where)


def one_record_one_thing(model: Model) -> Iterator[Fault]:
    """No two records follow the same thing: organisation, measure, period and scope together are unique."""
    first: dict[tuple, Record] = {}
    for record in model.records.values():
        if record.kind != "survey" and "withdrawn" not in record.data:
            scope = tuple(sorted(record.data.get("scope", {}).items()))
            twin = first.setdefault((*(record.data[k] for k in ("organisation", "measure", "period")), scope), record)
            if twin is not record:
                yield record.fault(("organisation",), "record-twice", file=twin.document.file)


def former_ids_free(model: Model) -> Iterator[Fault]:
    """A former id stays reserved: no record takes it again."""
    for record in model.records.values():
        for i, old in enumerate(record.data.get("former_ids", [])):
            if old in model.records:
                file = model.records[old].document.file
                yield record.fault(("former_ids", i), "former-id-taken", id=shown(old), file=file)


def nothing_disappears(model: Model, released: dict[str, list[dict]], folder: str, known: set[str]) -> Iterator[Fault]:
    """Every record, claim and finding of the last release is still there, under its id or as a former id.

    released: rows of the released tables records, claims and survey_findings (none before the first release).
    known: ids of all record files, sound or not, so that a broken file is not reported as a lost one.
    """
    former = {old: record for record in model.records.values() for old in record.data.get("former_ids", [])}
    for line, row in enumerate(released.get("records", []), start=2):
        if row.get("record_id") not in known and row.get("record_id") not in former:
            yield Fault.of("record-lost", f"{folder}/records.csv", line, id=shown(row.get("record_id")))
    for table, id_name in (("claims", "claim_id"), ("survey_findings", "finding_id")):
        for row in released.get(table, []):
            record = model.records.get(row.get("record_id")) or former.get(row.get("record_id"))
            if record and row.get(id_name) not in {c["id"] for c in record.claims}:
                yield record.fault(
                    (record.list_key, ""), "claim-lost", id=shown(row.get(id_name)), list=record.list_key
                )


FIGURE_RULES = (
    measure_of_kind,
    bounds,
    words_have_no_figure,
    percentages,
    number_in_words,
    derived_figures,
    recurrence_in_words,
    title_figures,
)  # each presumes the ones before it
OTHER_RULES = (
    stages_of_kind,
    id_says_whose_and_when,
    ids_and_replacements,
    says_length,
    sources_complete,
    claim_dates,
    source_dates,
    links,
)
REGISTER_RULES = {"organisations": parents, "searches": search_years, "audit_results": audit_rows}
DATASET_RULES = (one_source_one_description, one_record_one_thing, former_ids_free)


def check_records(model: Model) -> Iterator[Fault]:
    for record in model.records.values():
        for rule in FIGURE_RULES:
            found = list(rule(record, model))
            yield from found
            if found:
                break
        for rule in OTHER_RULES:
            yield from rule(record, model)
    for rule in DATASET_RULES:
        yield from rule(model)
