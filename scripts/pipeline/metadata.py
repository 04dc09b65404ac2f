"""What the dataset is, in the forms that others read, all from the one descriptor."""

import json


def citation_cff(described: dict) -> str:
    """CITATION.cff (version 1.2.0) of a descriptor; strings are written as JSON, which YAML reads."""
    lines = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": described["title"],
        "abstract": described["description"],
        "version": described["version"],
        "date-released": described["created"][:10],
        "license": described["licenses"][0]["name"],
        "url": described["homepage"],
        "keywords": described["keywords"],
        "authors": [{"name": contributor["title"]} for contributor in described["contributors"]],
    }
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())
