"""JSON Schema of a record file, for editors that complete and check YAML while it is typed.

Made from the contract's shapes and the registers, so it says what the check says of one file's shape; what needs
several fields or files (the number in the words, links, dates in order) only the check can tell.
"""

from .descriptor import Descriptor, Shape
from .rules import Model


def editor_schemas(descriptor: Descriptor, model: Model) -> dict[str, dict]:
    """The schemas of `record` and `survey` files, by those names."""
    return {
        root: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{descriptor.data['homepage']}schema/{root}.schema.json",
            "title": f"{descriptor.data['title']}: a {root} file",
        }
        | _schema(shape, descriptor, model)
        for root, shape in descriptor.shapes.items()
    }


def _schema(shape: Shape, descriptor: Descriptor, model: Model) -> dict:
    if shape.keys is not None:
        schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {key: _schema(below, descriptor, model) for key, below in shape.keys.items()},
        }
        required = [key for key, below in shape.keys.items() if below.need == "required"]
        return schema | ({"required": required} if required else {})
    if shape.items is not None:
        return {"type": "array", "minItems": 1, "items": _schema(shape.items, descriptor, model)}
    schema = field_schema(shape.table, shape.field, descriptor, model)
    if shape.field["type"] == "string" and "enum" not in schema:
        schema["type"] = ["string", "number"]  # a year alone, or words that are a figure alone, are a number to YAML
    return schema


def field_schema(table: str, field: dict, descriptor: Descriptor, model: Model) -> dict:
    """The JSON Schema of a column's values; where they are ids of a register, those ids."""
    constraints = field.get("constraints", {})
    kind = "string" if field["type"] == "date" else field["type"]  # of the others JSON Schema has the same names
    schema = {"type": kind, "title": field["title"], "description": field["description"]}
    if "example" in field:
        schema["examples"] = [field["example"]]
    vocabulary = descriptor.vocabulary_of(table, field["name"])
    if vocabulary:
        schema["enum"] = sorted({row[vocabulary[1]] for row in model.registers[vocabulary[0]]})
    schema |= {key: constraints[key] for key in ("enum", "minimum", "maximum", "maxLength") if key in constraints}
    if "pattern" in constraints:
        schema["pattern"] = f"^({constraints['pattern']})$"
    return schema
