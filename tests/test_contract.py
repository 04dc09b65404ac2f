"""One truth: contract, record shape, editor schema, registers and pages cannot drift apart."""

import json
import re
import subprocess

import pytest
import yaml
from jsonschema import Draft202012Validator

from pipeline import contract as contract_layer
from pipeline.check import check
from pipeline.derive import review
from pipeline.descriptor import REGISTERS, ROOT
from pipeline.editor_schema import editor_schemas
from pipeline.rules import LINKS


def test_every_field_is_described_with_an_example_or_is_optional(contract):
    for name in contract.tables:
        for field in contract.fields(name):
            assert field["title"] and field["description"].endswith("."), f"{name}.{field['name']}"
            if field.get("constraints", {}).get("required"):
                assert "example" in field, f"{name}.{field['name']} is required and has no example"
            assert [c["value"] for c in field.get("categories", [])] == field.get("constraints", {}).get("enum", []), (
                field["name"]
            )


def test_examples_keep_their_own_constraints(contract, checked):
    from pipeline.values import typed

    for name in contract.tables:
        for field in contract.fields(name):
            if "example" in field:
                typed(str(field["example"]), field)


def test_registers_have_exactly_the_contracts_columns(contract):
    for name in REGISTERS:
        first = (ROOT / "data" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert first.split(",") == contract.columns(name), name


def test_every_curated_field_reaches_its_column(contract, checked):
    """Each key of the record shape that some record uses comes out of the compile in the column that names it."""
    compiled = {
        name: {c for row in table.rows for c, v in row.items() if v is not None}
        for name, table in checked.tables.items()
    }
    for table in contract.tables:
        for field in contract.fields(table):
            for path in field.get("entered", {}):
                keys = [step.removesuffix("[]") for step in path.split(".")[1:]]
                if any(
                    _uses(r.data, keys)
                    for r in checked.model.records.values()
                    if (r.kind == "survey") == path.startswith("survey.")
                ):
                    assert field["name"] in compiled[table], (
                        f"{path} is typed and never reaches {table}.{field['name']}"
                    )


def _uses(value, keys):
    if not keys:
        return True
    if isinstance(value, list):
        return any(_uses(item, keys) for item in value)
    return isinstance(value, dict) and keys[0] in value and _uses(value[keys[0]], keys[1:])


@pytest.fixture(scope="module")
def schemas(contract, checked):
    found = editor_schemas(contract, checked.model)
    for schema in found.values():
        Draft202012Validator.check_schema(schema)
    return found


class _Text(yaml.SafeLoader):
    """As editors read YAML: numbers and text, dates left as text."""


_Text.yaml_implicit_resolvers = {
    k: [(tag, rx) for tag, rx in v if not tag.endswith("timestamp")]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_the_editor_schema_accepts_every_real_record(schemas, checked):
    for record in checked.model.records.values():
        data = yaml.load((ROOT / record.document.file).read_text(encoding="utf-8"), Loader=_Text)
        errors = list(
            Draft202012Validator(schemas["survey" if record.kind == "survey" else "record"]).iter_errors(data)
        )
        assert not errors, f"{record.id}: {errors[0].json_path} {errors[0].message}"


@pytest.mark.parametrize(
    "old,new",
    [
        ("measure: wte_removed", "mesure: wte_removed"),
        ("organisation: RAJ", "organisation: RAI"),
        ("value: 600", "value: six hundred"),
        ("role: origin", "role: original"),
        ("period: 2024-25", "period: soon"),
        ("claims:", "claim:"),
    ],
)
def test_the_editor_schema_and_the_check_refuse_the_same(schemas, data, check_of, old, new):
    path = data / "cuts" / "raj-2024-25-wte.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert list(
        Draft202012Validator(schemas["record"]).iter_errors(yaml.load(path.read_text(encoding="utf-8"), Loader=_Text))
    )
    assert check_of(data)


def test_a_table_that_breaks_the_contract_is_led_back_to_its_line(contract, data):
    checked = check(data, contract)
    table = checked.tables["claims"]
    index = next(
        i for i, row in enumerate(table.rows) if (row["record_id"], row["claim_id"]) == ("raj-2024-25-wte", "plan")
    )
    table.rows[index]["stage"] = "hoped"
    (fault,) = contract_layer.contract_faults(checked.tables, contract)
    assert (
        fault.rule == "contract-foreign-key"
        and fault.file.endswith("cuts/raj-2024-25-wte.yml")
        and "hoped" in fault.message
    )
    line = (data / "cuts" / "raj-2024-25-wte.yml").read_text(encoding="utf-8").splitlines()[fault.line - 1]
    assert "stage: planned" in line


def test_unique_keys_and_evidence_are_checked_beside_frictionless(contract, data):
    checked = check(data, contract)
    checked.tables["evidence"].rows[0]["claim_id"] = "nothing"
    assert [f.rule for f in contract_layer.evidence_faults(checked.tables)] == ["contract-evidence"]
    contract.tables["records"]["schema"]["uniqueKeys"] = [["organisation_id"]]
    try:
        assert {f.rule for f in contract_layer.unique_key_faults(checked.tables, contract)} == {"contract-unique-key"}
    finally:
        del contract.tables["records"]["schema"]["uniqueKeys"]


def test_a_claim_nobody_could_re_read_counts_as_unread():
    claim = {"sources": [{"url": "https://example.org"}], "review": "checked"}
    assert review(claim, {"https://example.org": {}}) == "unread"
    assert review(claim, {"https://example.org": {"accessed": "2026-11-21"}}) == "checked"


def test_links_of_the_contract_are_those_of_the_rules(contract):
    field = next(f for f in contract.fields("record_links") if f["name"] == "link")
    assert tuple(field["constraints"]["enum"]) == LINKS


def test_one_place_says_where_the_site_stands(contract):
    """The descriptor; the README repeats it, and what a release writes for others, and nothing else does."""
    homepage = contract.data["homepage"]
    assert re.fullmatch(r"https://[a-z0-9.-]+/([\w-]+/)*", homepage)
    search = [
        "git",
        "grep",
        "--files-with-matches",
        "--fixed-strings",
        homepage.rstrip("/"),
        "--",
        ".",
        ":!data/tables",
    ]
    named = subprocess.run(search, cwd=ROOT, text=True, capture_output=True, check=True).stdout.split()
    assert named == [".zenodo.json", "CITATION.cff", "README.md", "datapackage.json"]
    for name in named:
        assert homepage in (ROOT / name).read_text(encoding="utf-8")


def test_the_example_in_contributing_keeps_the_rules(data, check_of):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1]
    for path in data.glob("deficits/raj-2025-26-deficit.yml"):
        path.unlink()
    (data / "deficits" / "raj-2025-26-deficit.yml").write_text(example, encoding="utf-8")
    released = {"record-lost", "claim-lost"}
    assert [f for f in check_of(data) if f["rule"] not in released and "raj-2025-26-deficit" in f["file"]] == []


def test_the_descriptor_is_plain_json_in_its_canonical_form(contract):
    text = (ROOT / "datapackage.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n", "a release would rewrite it"
