"""The OpenAPI description of the machine-readable addresses: openapi.yml, completed with what the contract says."""

import re
from pathlib import Path

import yaml

from .descriptor import REGISTERS, Descriptor
from .editor_schema import field_schema
from .rules import Model

_WRITTEN = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
_WRITTEN["addresses"]["api/v1/vocabularies.json"]["properties"] = {
    name: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}} for name in REGISTERS
}
ADDRESSES = {url: written["about"] for url, written in _WRITTEN["addresses"].items()}  # and what stands there


def openapi(contract: Descriptor, model: Model, version: str) -> dict:
    """The description as a mapping, with the ids that the model's registers hold as enumerations."""
    meta, rows = contract.data, {name: _row(name, contract, model) for name in contract.tables}
    objects = {name: _object(row, contract.tables[name]["description"]) for name, row in rows.items()}
    for name, written in _WRITTEN["objects"].items():
        about = written.get("about") or contract.tables[name]["description"]
        objects[name] = _object(rows.get(written.get("row", name), {}) | written["properties"], about)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": meta["title"],
            "description": f"{meta['description']} {_WRITTEN['promise']}",
            "version": version,
            "license": {"name": meta["licenses"][0]["title"], "identifier": meta["licenses"][0]["name"]},
        },
        "servers": [{"url": meta["homepage"].rstrip("/")}],
        "paths": {f"/{url}": {"get": _get(url, written, rows)} for url, written in _WRITTEN["addresses"].items()},
        "components": {"schemas": objects},
    }


def _get(url: str, written: dict, rows: dict[str, dict]) -> dict:
    """An address as an operation."""
    schema = {"type": "object"}
    if "properties" in written:
        schema = _object({"version": _WRITTEN["version"]} | written["properties"])
    media = {"text/csv": {}} if url.endswith(".csv") else {"application/json": {"schema": schema}}
    get = {"operationId": re.sub(r"\W+", "_", url).strip("_"), "summary": written["about"]}
    get["responses"] = {"200": {"description": written["about"], "content": media}}
    for name in re.findall(r"{(\w+)}", url):
        schema = next((row[name] for row in rows.values() if name in row), {"type": "string"})
        get["parameters"] = [{"name": name, "in": "path", "required": True, "schema": schema}]
        get["responses"]["404"] = {"description": "There is no such file; the index lists those that there are"}
    return get


def _row(table: str, contract: Descriptor, model: Model) -> dict[str, dict]:
    """The properties of a table's row. The many ids of organisations are not listed: vocabularies.json has them."""
    properties = {}
    for field in contract.fields(table):
        schema = field_schema(table, field, contract, model)
        if contract.vocabulary_of(table, field["name"]) == ("organisations", "organisation_id"):
            del schema["enum"]
        if not field.get("constraints", {}).get("required"):
            schema["type"] = [schema["type"], "null"]
            schema |= {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        properties[field["name"]] = schema
    return properties


def _object(properties: dict[str, dict], about: str = "") -> dict:
    """Every property is always there; others may be added."""
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return schema | ({"description": about} if about else {})
