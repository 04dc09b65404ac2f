"""The audit of a release: which of its claims are read again, and the rate of error that this gives.

The sample is drawn by a hash of the version and of a claim's ids, so anyone can draw it again from the release.
"""

import hashlib
from collections import Counter, defaultdict
from decimal import Decimal

LEAST = 5  # of each kind, where a kind has so many
Z = Decimal("1.959963984540054")  # the standard normal's 97.5th percentile


def draw(version: str, claims: list[dict], size: int) -> list[tuple[str, str]]:
    """The (record_id, claim_id) to read again: each kind by its number of claims, within it the lowest hashes first.

    claims: rows with kind, record_id and claim_id of every claim and finding of a release.
    """
    kinds = defaultdict(list)
    for row in claims:
        key = row["record_id"], row["claim_id"]
        kinds[row["kind"]].append((hashlib.sha256(f"{version} {key[0]} {key[1]}".encode()).hexdigest(), key))
    sample = []
    for members in kinds.values():
        share = max(min(LEAST, len(members)), round(Decimal(size) * len(members) / len(claims)))
        sample += [key for _, key in sorted(members)[:share]]
    return sorted(sample)


def drawable(tables: dict[str, list[dict]]) -> list[dict]:
    """The rows that `draw` takes, of the tables claims and survey_findings."""
    findings = ({"kind": "survey", "claim_id": row["finding_id"], **row} for row in tables["survey_findings"])
    return [*tables["claims"], *findings]


def summary(results: list[dict]) -> list[dict]:
    """One row an audit: how many were read again, what came of it, and the rate of error in per cent.

    error_low and error_high are its 95% interval (Wilson 1927). What could no longer be read says nothing of the rate.
    """
    counts: dict[str, Counter] = defaultdict(Counter)
    for row in results:
        counts[row["audit"]][row["result"]] += 1
    return [
        {
            "audit": audit,
            "read_again": found["right"] + found["wrong"],
            "right": found["right"],
            "wrong": found["wrong"],
            "source_gone": found["source_gone"],
        }
        | dict(zip(("error_percent", "error_low", "error_high"), _rate(found["wrong"], found["right"]), strict=True))
        for audit, found in counts.items()
    ]


def _rate(wrong: int, right: int) -> tuple[Decimal, Decimal, Decimal] | tuple[None, None, None]:
    """A share in per cent with the ends of its interval, to a tenth."""
    n = Decimal(wrong + right)
    if not n:
        return None, None, None
    low, high = wilson(wrong, n)
    return tuple((100 * share).quantize(Decimal("0.1")) for share in (wrong / n, low, high))


def wilson(hits: int, n: Decimal) -> tuple[Decimal, Decimal]:
    """The 95% score interval of a proportion (E. B. Wilson, JASA 22, 1927)."""
    share, z2 = hits / n, Z * Z
    centre = share + z2 / (2 * n)
    spread = Z * (share * (1 - share) / n + z2 / (4 * n * n)).sqrt()
    low, high = ((centre + sign * spread) / (1 + z2 / n) for sign in (-1, 1))
    return max(low, Decimal(0)), min(high, Decimal(1))
