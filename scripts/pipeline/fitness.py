"""Judge the published SQLite file with Great Expectations: what a curator believes of the data as a whole.

The judgements are queries in fitness.sql. Importing Great Expectations takes seconds, so only what needs it does.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from .tables import read_rows

_HEADER = re.compile(r"^-- ([a-z-]+) \| (critical|warning) \| (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Judgement:
    """One expectation, and what came of it: passed, failed, or raised (the judgement itself is broken)."""

    name: str
    severity: str
    expects: str
    query: str
    outcome: str = ""
    rows: tuple[dict, ...] = ()
    problem: str = ""

    @property
    def stops(self) -> bool:
        """Whether it stops a build: a critical one that failed, or any that is itself broken."""
        return self.outcome == "raised" or (self.outcome == "failed" and self.severity == "critical")


def judgements(text: str | None = None) -> list[Judgement]:
    """The judgements of fitness.sql (or of a text in its form), not yet tried."""
    text = text if text is not None else Path(__file__).with_name("fitness.sql").read_text(encoding="utf-8")
    _, *parts = _HEADER.split(text)  # name, severity, expects and query of one after those of the other
    return [Judgement(*parts[i : i + 3], query=parts[i + 3].strip()) for i in range(0, len(parts), 4)]


def losses(folder: Path) -> list[Judgement]:
    """The judgement that nothing was lost since the last release, whose tables a folder holds; none without one."""
    rows = {path.stem: len(read_rows(path)) for path in sorted(folder.glob("*.csv"))}
    counts = " UNION ALL ".join(
        f"SELECT '{t}' AS t, {n} AS old, (SELECT count(*) FROM {t}) AS new" for t, n in rows.items()
    )
    query = (
        "SELECT NULL AS record_id, NULL AS claim_id, t || ': ' || old || ' to ' || new AS found"
        f" FROM ({counts}) WHERE new < old AND EXISTS (SELECT 1 FROM {{batch}})"
    )
    expects = "No table has fewer rows than in the last release"
    return [Judgement("nothing-lost", "critical", expects, query)] if rows else []


def judge(path: Path, wanted: list[Judgement]) -> list[Judgement]:
    """Try each judgement on the SQLite file at path with Great Expectations; never raises for one that is broken."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sqlite("published", connection_string=f"sqlite:///{path}")
    batch = source.add_table_asset("claims", table_name="claims").add_batch_definition_whole_table("all")
    expectations = [
        gx.expectations.UnexpectedRowsExpectation(
            unexpected_rows_query=judgement.query,
            description=judgement.expects,
            severity=judgement.severity,
            meta={"name": judgement.name},
        )
        for judgement in wanted
    ]
    suite = context.suites.add(gx.ExpectationSuite(name="fitness", expectations=expectations))
    definition = gx.ValidationDefinition(name="fitness", data=batch, suite=suite)
    results = context.validation_definitions.add(definition).run(result_format="COMPLETE").results
    by_name = {result.expectation_config.meta["name"]: result for result in results}
    return [_judged(judgement, by_name[judgement.name]) for judgement in wanted]


def _judged(judgement: Judgement, result) -> Judgement:
    """A broken judgement looks like a failed one to Great Expectations, in one of two shapes; to us it is an error."""
    info = result.exception_info
    entries = [info] if "raised_exception" in info else info.values()
    problem = next((e.get("exception_message") or "an exception" for e in entries if e.get("raised_exception")), "")
    if problem:
        return replace(judgement, outcome="raised", problem=str(problem))
    if result.success:
        return replace(judgement, outcome="passed")
    rows = (result.result.get("details") or {}).get("unexpected_rows") or []
    return replace(judgement, outcome="failed", rows=tuple(map(dict, rows)))


def as_text(verdict: Judgement) -> str:
    """What a judgement found, for people: one line for each row that speaks against it."""
    if verdict.outcome == "raised":
        return f"{verdict.name}: the judgement itself is broken: {verdict.problem}"
    lines = [f"{row['record_id'] or 'the dataset'} {row['claim_id'] or ''}: {row['found']}" for row in verdict.rows]
    return "\n".join(f"{verdict.severity}: {line}; expected: {verdict.expects} [{verdict.name}]" for line in lines)
