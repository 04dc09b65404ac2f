"""The contract, datapackage.json: what tables there are, and where in a record each field is typed.

A field that a curator types carries `entered`: the paths at which it stands in a YAML file, such as
`record.claims[].value`, each required, optional, or once (a source's details, at its first mention in a file).
From these paths comes the shape of a record; so the check, the editor schema and
the documentation of a record cannot differ from the published tables. A field without `entered` is computed.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGISTERS = (
    "organisation_types",
    "organisations",
    "organisation_links",
    "measures",
    "units",
    "stages",
    "qualifiers",
    "mechanisms",
    "statuses",
    "searches",
    "audit_results",
    "founding_documents",
    "founding_claims",
)  # curated as CSV
LOGS = ("searches", "audit_results")  # of them: what was done, which names nothing that others refer to
FOLDERS = {"cuts": "cut", "deficits": "deficit", "deals": "deal", "surveys": "survey"}  # folder → kind


@dataclass(frozen=True)
class Shape:
    """What may stand at one place of a record: a mapping of keys, a list of one shape, or a value of a field."""

    keys: dict[str, "Shape"] | None = None
    items: "Shape | None" = None
    field: dict | None = None
    table: str = ""
    need: str = "optional"


@dataclass
class Descriptor:
    """datapackage.json as a mapping, with its tables by name."""

    data: dict
    tables: dict[str, dict] = field(init=False)

    def __post_init__(self):
        self.tables = {resource["name"]: resource for resource in self.data["resources"]}

    def fields(self, table: str) -> list[dict]:
        return self.tables[table]["schema"]["fields"]

    def columns(self, table: str) -> list[str]:
        return [f["name"] for f in self.fields(table)]

    def vocabulary_of(self, table: str, column: str) -> tuple[str, str] | None:
        """The register (table, column) whose ids a column takes, where its foreign key is that column alone."""
        for key in self.tables[table]["schema"].get("foreignKeys", []):
            reference = key["reference"]
            if key["fields"] == [column] and reference["resource"] in REGISTERS:
                return reference["resource"], reference["fields"][0]
        return None

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of a `record` file (cut, deficit, deal) and of a `survey` file."""
        trees: dict[str, dict] = {"record": {}, "survey": {}}
        for table in self.tables:
            for f in self.fields(table):
                for path, need in f.get("entered", {}).items():
                    root, *steps = path.split(".")
                    _plant(trees[root], steps, Shape(field=f, table=table, need=need))
        return {root: _grown(tree) for root, tree in trees.items()}


def _plant(tree: dict, steps: list[str], leaf: Shape) -> None:
    *parents, last = steps
    for step in parents:
        tree = tree.setdefault(step, {})
    tree[last] = leaf


def _grown(tree: dict) -> Shape:
    keys = {}
    for step, below in tree.items():
        shape = below if isinstance(below, Shape) else _grown(below)
        if step.endswith("[]"):  # a list of mappings (claims, sources) may not be missing; a list of ids may
            shape = Shape(items=shape, need="required" if shape.keys else "optional")
        keys[step.removesuffix("[]")] = shape
    return Shape(keys=keys)


def load(root: Path = ROOT) -> Descriptor:
    return Descriptor(json.loads((root / "datapackage.json").read_text(encoding="utf-8")))
