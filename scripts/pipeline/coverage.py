"""Where a figure was found, where one was looked for, and where nobody has looked: so that an absence can be read."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from .rules import Model
from .values import period_span

FIRST_YEAR = 2023  # the dataset begins in October 2023
TYPES = ("trust", "icb", "system")


def coverage(model: Model, as_of: date) -> Iterator[dict]:
    """A row for each trust, ICB and system and each financial year up to as_of."""
    years = range(FIRST_YEAR, as_of.year + (as_of.month >= 4))
    records = _records(model)
    searched = {}
    for row in model.registers["searches"]:
        for year in range(int(row["first_year"][:4]), int(row["last_year"][:4]) + 1):
            key = row["organisation_id"], year
            searched[key] = max(searched.get(key, ""), row["searched"])
    for organisation in model.registers["organisations"]:
        for year in years if organisation["type"] in TYPES else ():
            key = organisation["organisation_id"], year
            found = records[key]
            yield {
                "organisation_id": key[0],
                "organisation_name": organisation["name"],
                "organisation_type": organisation["type"],
                "region": organisation["region"],
                "financial_year": f"{year}-{(year + 1) % 100:02}",
                "coverage": "found" if found else "searched" if key in searched else "not_searched",
                "records": found,
                "searched": searched.get(key),
            }


def _records(model: Model) -> Counter[tuple[str, int]]:
    """How many records of an organisation are about a financial year, by the year in which it begins."""
    counted = (r.data for r in model.records.values() if r.kind != "survey" and "withdrawn" not in r.data)
    return Counter((data["organisation"], year) for data in counted for year in years_of(data["period"]))


def years_of(period: str) -> range:
    """The financial years that a period touches, by the year in which each begins; of an open side, the other alone."""
    start, end = period_span(period)
    first, last = start or end, end or start
    return range(first.year - (first.month < 4), last.year + (last.month >= 4))
