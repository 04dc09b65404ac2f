"""The machine-readable addresses, what stands at each, and their OpenAPI description, made from the contract."""

import re

from .changes import WHY
from .descriptor import REGISTERS, Descriptor
from .editor_schema import field_schema
from .release import COUNTED
from .rules import Model

API = "api/v1/"
ADDRESSES = {  # an address, its parameter in braces → what stands there
    "api/v1/index.json": "These addresses, each with the values that its parameter takes",
    "api/v1/openapi.json": "A description of all of these files (OpenAPI 3.1)",
    "api/v1/records.json": "All records, each with its current claim",
    "api/v1/records/{record_id}.json": "One record whole: its claims or findings with evidence and sources, its links",
    "api/v1/kinds/{kind}.json": "The records of one kind, each with its current claim",
    "api/v1/organisations/{organisation_id}.json": "One organisation: its records whole, and what it said of others",
    "api/v1/years/{financial_year}.json": "The records whose period touches a financial year; an open end touches none",
    "api/v1/vocabularies.json": "All registers: organisations, measures, units, stages and the others",
    "api/v1/releases.json": "All releases, each with the address of what has changed since",
    "api/v1/changes/{version}.json": "What has changed since a release: rows, columns and cells, each with the reason",
    "records/{record_id}.json": "One record whole, beside its page",
    "records/{record_id}.csv": "One record: a row for each claim or finding and each of its sources",
    "organisations/{organisation_id}.json": "One organisation, beside its page",
    "organisations/{organisation_id}.csv": "The same columns for all records of one organisation",
}
PROMISE = (
    "Static files, free to read for anybody. Within v1 addresses and properties are only added, never renamed or "
    "removed. Properties are the columns of the data dictionary; what is empty is null. Every url and every changes "
    "is relative to the homepage, but for the url of a source, which is its own on the web."
)


def openapi(contract: Descriptor, model: Model, version: str) -> dict:
    """The description as a mapping, with the ids that the model's registers hold as enumerations."""
    meta, rows = contract.data, {name: _row(name, contract, model) for name in contract.tables}
    schemas = {name: _object(rows[name] | _ADDED.get(name, {}), contract.tables[name]["description"]) for name in rows}
    schemas["record"] = _object(rows["records"] | _CURRENT, "A record with its current claim")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": meta["title"],
            "description": f"{meta['description']} {PROMISE}",
            "version": version,
            "license": {"name": meta["licenses"][0]["title"], "identifier": meta["licenses"][0]["name"]},
        },
        "servers": [{"url": meta["homepage"].rstrip("/")}],
        "paths": {f"/{url}": {"get": _get(url, about, rows)} for url, about in ADDRESSES.items()},
        "components": {"schemas": schemas | _MORE},
    }


def _get(url: str, about: str, rows: dict[str, dict]) -> dict:
    """An address as an operation; its parameter is described as the first column of that name."""
    properties = _FILES.get(url.removeprefix(API))
    schema = _object(_VERSION | properties) if properties else {"type": "object"}
    media = {"text/csv": {}} if url.endswith(".csv") else {"application/json": {"schema": schema}}
    get = {"operationId": re.sub(r"\W+", "_", url).strip("_"), "summary": about}
    get["responses"] = {"200": {"description": about, "content": media}}
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


def _ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> dict:
    return {"type": "array", "items": _ref(name)}


def _or_null(name: str) -> dict:
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _text(about: str, *more: str, **keywords: object) -> dict:
    return {"type": ["string", *more] if more else "string", "description": about} | keywords


_URL = _text("Its page, relative to the homepage")
_VERSION = {"version": _text("The version of the data; with +unreleased they have moved on since that release")}
_STATEMENT = {"url": _URL, "evidence": _list("evidence")}
_ADDED = {"evidence": {"source": _ref("sources")}, "claims": _STATEMENT, "survey_findings": _STATEMENT}  # to rows
_CURRENT = {"url": _URL, "current_claim": _or_null("claims")}
_WHOLE = {
    "url": _URL,
    "record": _ref("records"),
    "claims": _list("claims") | {"description": "In the order in which they were made"},
    "survey": _or_null("surveys"),
    "findings": _list("survey_findings"),
    "links": _list("record_links") | {"description": "From this record and to it"},
}
_FILES = {  # the properties of a file, by its address without API
    "index.json": {
        name: _text(f"The {name} of the dataset") for name in ("title", "description", "homepage", "license")
    }
    | {"date": _text("The day of the last release, to which statuses refer", format="date")}
    | {"addresses": _list("address")},
    "records.json": {"records": _list("record")},
    "records/{record_id}.json": _WHOLE,
    "kinds/{kind}.json": {"records": _list("record")},
    "organisations/{organisation_id}.json": {
        "url": _URL,
        "organisation": _ref("organisations"),
        "links": _list("organisation_links") | {"description": "From this organisation and to it"},
        "records": _list("whole_record"),
        "said_of_others": _list("claims") | {"description": "What it said in the records of other organisations"},
    },
    "years/{financial_year}.json": {"records": _list("record")},
    "vocabularies.json": {name: _list(name) for name in REGISTERS},
    "releases.json": {"releases": _list("release")},
    "changes/{version}.json": {"since": _text("The release compared with"), "changes": _list("change")},
}
_ADDRESS = {
    "url": _text("Relative to the homepage, with its parameter in braces"),
    "about": _text("What stands there"),
    "values": {"type": ["array", "null"], "items": _text("A value of the parameter")},
}
_RELEASE = {"version": _text("The release's number"), "date": _text("Its day", format="date")}
_RELEASE |= {name: {"type": "integer", "description": f"Rows of the table {name}"} for name in COUNTED}
_RELEASE |= {
    "sha256": _text("The SHA-256 of the list of SHA-256 sums of its tables"),
    "changes": _text("Where what has changed since stands; null where the site was built without that history", "null"),
}
_CHANGE = {
    "table": _text("The table"),
    "key": _text("The row's primary key, its parts joined by spaces; null for a whole table or column", "null"),
    "change": _text("What happened to it", enum=["added", "removed", "changed"]),
    "why": _text("; ".join(f"{key}: {meaning}" for key, meaning in WHY.items()), enum=list(WHY)),
    "column": _text("The column that changed, was added or was removed", "null"),
    "before": _text("The cell's text in that release", "null"),
    "after": _text("The cell's text now", "null"),
}
_MORE = {
    "whole_record": _object(_WHOLE, "A record with all that belongs to it"),
    "address": _object(_ADDRESS, "An address, or several that differ in one parameter"),
    "release": _object(_RELEASE, "A release of the dataset"),
    "change": _object(_CHANGE, "A cell changed, or a row, column or table added or removed"),
}
