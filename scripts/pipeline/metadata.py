"""What the dataset is, in the forms that others read, all from the one descriptor.

Each form is a template in templates/metadata, in which whatever is printed is JSON. Throughout, described is
datapackage.json as a mapping (the package's own, where a form names files), counts the number of rows of each table,
and files what there is to download.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .citation import bibtex, of_dataset
from .render import templates

MEDIA = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
    "": "text/plain",  # SHA256SUMS
}  # not from mimetypes, which asks the machine
START, PLACE = "2023-10", "England"  # what the data cover
_FORMS = templates(partial(json.dumps, ensure_ascii=False))
_FORMS.globals |= {"START": START, "PLACE": PLACE}


@dataclass(frozen=True)
class File:
    """A file to download; name: its path from the download page on."""

    name: str
    bytes: int
    sha256: str

    @property
    def media(self) -> str:
        return MEDIA.get(Path(self.name).suffix, "application/octet-stream")


def files_of(package: Path, archive: Path) -> list[File]:
    """Every file of the package's folder, and its ZIP, as they stand on the download page."""
    paths = {path.relative_to(package).as_posix(): path for path in package.rglob("*") if path.is_file()}
    raw = {name: path.read_bytes() for name, path in sorted((paths | {archive.name: archive}).items())}
    return [File(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in raw.items()]


def documents(described: dict, counts: dict[str, int], files: list[File]) -> dict[str, str]:
    """Every form that stands beside the downloads, as text by file name."""
    about = {"summary": summary(described, counts), "sizes": _sizes(counts), "files": files}
    forms = {name: _form(name, described, **about) for name in ("datacite.json", "dcat.jsonld")}
    forms["croissant.json"] = croissant(described, counts, files)
    forms["schema-org.json"] = schema_org(described, counts, files)
    return {"citation.cff": citation_cff(described)} | {name: as_json(form) for name, form in forms.items()}


def as_json(form: dict) -> str:
    return json.dumps(form, indent=1, ensure_ascii=False) + "\n"


def embedded(form: dict) -> str:
    """A form as JSON, in ASCII alone, that nothing in it can end early where it stands in a script element."""
    return json.dumps(form, separators=(",", ":")).replace("<", "\\u003c")


def summary(described: dict, counts: dict[str, int]) -> str:
    """The description, and how much there is."""
    *first, last = _sizes(counts)
    return f"{described['description']} It holds {', '.join(first)} and {last}."


def _sizes(counts: dict[str, int]) -> list[str]:
    return [f"{counts[name]} {name.replace('_', ' ')}" for name in ("records", "claims", "survey_findings", "sources")]


def _text(name: str, described: dict, **more: object) -> str:
    creators = [{"name": contributor["title"]} for contributor in described["contributors"]]
    about = described | {"day": described["created"][:10], "creators": creators}
    return _FORMS.get_template(f"metadata/{name}.j2").render(about, **more)


def _form(name: str, described: dict, **more: object) -> dict:
    return json.loads(_text(name, described, **more))


def citation_cff(described: dict) -> str:
    """CITATION.cff (version 1.2.0) of a descriptor; strings stand as JSON, which YAML reads."""
    return _text("citation.cff", described)


def zenodo(described: dict, counts: dict[str, int]) -> dict:
    """What `.zenodo.json` says, from which Zenodo describes a release that it archives."""
    return _form("zenodo.json", described, summary=summary(described, counts))


def schema_org(described: dict, counts: dict[str, int], files: list[File]) -> dict:
    """The dataset as schema.org, for dataset search."""
    return _form("schema-org.json", described, summary=summary(described, counts), files=files)


def schema_org_record(described: dict, record: dict, address: str) -> dict:
    """A record as a part of the dataset. record: its row, with its sources under `sources`."""
    return _form("record.json", described, record=record, address=address)


def croissant(described: dict, counts: dict[str, int], files: list[File]) -> dict:
    """Croissant 1.0: the schema.org form, with each table as a set of records whose fields have types."""
    form = schema_org(described, counts, files)
    form |= _form("croissant.json", described, cited=bibtex(of_dataset(described)))
    for file in form["distribution"]:
        file |= {"@type": "cr:FileObject", "@id": file["name"]}
    return form
