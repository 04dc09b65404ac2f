"""What the dataset is, in the forms that others read, all from the one descriptor.

Throughout, described is datapackage.json as a mapping (the package's own, where a form names files), counts the number
of rows of each table, and files what there is to download.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from .citation import bibtex, of_dataset

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
_CROISSANT_TYPES = {"string": "Text", "number": "Float", "integer": "Integer", "boolean": "Boolean", "date": "Date"}
_CROISSANT_TERMS = (
    "citeAs column equivalentProperty extract field fileProperty fileObject fileSet format includes isLiveDataset"
    " jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate separator source"
    " subField transform"
)


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
    forms = {
        "datacite.json": datacite(described, counts, files),
        "dcat.jsonld": dcat(described, counts, files),
        "croissant.json": croissant(described, counts, files),
        "schema-org.json": schema_org(described, counts, files),
    }
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


def _names(described: dict) -> list[str]:
    return [contributor["title"] for contributor in described["contributors"]]


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
        "authors": [{"name": name} for name in _names(described)],
    }
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())


def zenodo(described: dict, counts: dict[str, int]) -> dict:
    """What `.zenodo.json` says, from which Zenodo describes a release that it archives."""
    return {
        "upload_type": "dataset", "access_right": "open", "language": "eng",
        "title": described["title"],
        "description": summary(described, counts),
        "version": described["version"], "publication_date": described["created"][:10],
        "creators": [{"name": name} for name in _names(described)],
        "license": described["licenses"][0]["name"].lower(),
        "keywords": described["keywords"],
        "related_identifiers": [{"identifier": described["homepage"], "relation": "isDocumentedBy", "scheme": "url"}],
    }  # fmt: skip


def datacite(described: dict, counts: dict[str, int], files: list[File]) -> dict:
    """DataCite 4.5; without a DOI, which only a registry gives."""
    day, licence, home = described["created"][:10], described["licenses"][0], described["homepage"]
    rights = {"rights": licence["title"], "rightsUri": licence["path"], "rightsIdentifier": licence["name"]}
    covered = {"date": f"{START}/{day}", "dateType": "Other", "dateInformation": "covered"}
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4", "language": "en",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Dataset"},
        "titles": [{"title": described["title"], "lang": "en"}],
        "creators": [{"name": name, "nameType": "Organizational"} for name in _names(described)],
        "publisher": {"name": _names(described)[0]}, "publicationYear": day[:4],
        "dates": [{"date": day, "dateType": "Issued"}, covered],
        "version": described["version"], "url": home,
        "alternateIdentifiers": [{"alternateIdentifier": home, "alternateIdentifierType": "URL"}],
        "subjects": [{"subject": keyword} for keyword in described["keywords"]],
        "sizes": _sizes(counts), "formats": sorted({file.media for file in files}),
        "rightsList": [rights | {"rightsIdentifierScheme": "SPDX"}],
        "descriptions": [{"description": summary(described, counts), "descriptionType": "Abstract", "lang": "en"}],
        "geoLocations": [{"geoLocationPlace": PLACE}],
    }  # fmt: skip


def _organization(name: str) -> dict:
    return {"@type": "Organization", "name": name}


def _schema_org(described: dict, address: str, name: str, about: str) -> dict:
    """What the schema.org forms of the dataset and of each record have alike."""
    return {
        "@context": "https://schema.org/", "@type": "Dataset",
        "url": address, "name": name, "description": about,
        "version": described["version"], "datePublished": described["created"][:10],
        "license": described["licenses"][0]["path"], "isAccessibleForFree": True, "inLanguage": "en-GB",
        "creator": [_organization(name) for name in _names(described)],
    }  # fmt: skip


def schema_org(described: dict, counts: dict[str, int], files: list[File]) -> dict:
    """The dataset as schema.org, for dataset search."""
    home = described["homepage"]
    return _schema_org(described, home, described["title"], summary(described, counts)) | {
        "@id": f"{home}#dataset",
        "publisher": _organization(_names(described)[0]),
        "keywords": described["keywords"],
        "temporalCoverage": f"{START}/{described['created'][:10]}",
        "spatialCoverage": {"@type": "Place", "name": PLACE},
        "distribution": [
            {"@type": "DataDownload", "name": file.name, "contentUrl": f"{home}download/{file.name}",
             "encodingFormat": file.media, "contentSize": f"{file.bytes} B", "sha256": file.sha256}
            for file in files
        ],
    }  # fmt: skip


def schema_org_record(described: dict, record: dict, address: str) -> dict:
    """A record as a part of the dataset. record: its row, with its sources under `sources`."""
    home, span = described["homepage"], [record["period_start"], record["period_end"]]
    about = f"{record['title']}. {record['summary'] or record['organisation_name']}"
    form = _schema_org(described, address, record["title"], about) | {
        "@id": address, "identifier": record["record_id"],
        "isPartOf": {"@type": "Dataset", "@id": f"{home}#dataset", "name": described["title"], "url": home},
        "about": _organization(record["organisation_name"]),
        "isBasedOn": [
            {"@type": "CreativeWork", "url": source["url"], "name": source["title"] or source["publisher"],
             "publisher": _organization(source["publisher"])}
            | ({"datePublished": source["published"]} if source["published"] else {})
            for source in record["sources"]
        ],
    }  # fmt: skip
    return form | ({"temporalCoverage": "/".join(day or ".." for day in span)} if any(span) else {})


def dcat(described: dict, counts: dict[str, int], files: list[File]) -> dict:
    """DCAT 3 in JSON-LD with its own context, so that it is read without a look-up; a distribution for each file."""
    home, day, licence = described["homepage"], described["created"][:10], {"@id": described["licenses"][0]["path"]}
    agents = [{"@type": "foaf:Agent", "foaf:name": name} for name in _names(described)]
    start, end = _typed(START, "gYearMonth"), _typed(day, "date")
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/", "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "dcat:Dataset", "@id": f"{home}#dataset",
        "dct:title": described["title"], "dct:description": summary(described, counts), "dct:identifier": home,
        "dct:issued": end, "dct:license": licence, "dct:creator": agents, "dct:publisher": agents[0],
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/ENG"},
        "dct:spatial": {"@id": "http://sws.geonames.org/6269131/"},  # England
        "dct:temporal": {"@type": "dct:PeriodOfTime", "dcat:startDate": start, "dcat:endDate": end},
        "dcat:version": described["version"], "dcat:keyword": described["keywords"],
        "dcat:theme": {"@id": "http://publications.europa.eu/resource/authority/data-theme/HEAL"},
        "dcat:landingPage": {"@id": home},
        "dcat:distribution": [
            {"@type": "dcat:Distribution", "@id": f"{home}download/{file.name}", "dct:title": file.name,
             "dct:license": licence, "dcat:accessURL": {"@id": f"{home}download/"},
             "dcat:downloadURL": {"@id": f"{home}download/{file.name}"},
             "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{file.media}"},
             "dcat:byteSize": _typed(str(file.bytes), "nonNegativeInteger"),
             "spdx:checksum": {"spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                               "spdx:checksumValue": _typed(file.sha256, "hexBinary")}}
            for file in files
        ],
    }  # fmt: skip


def _typed(value: str, kind: str) -> dict:
    return {"@value": value, "@type": f"xsd:{kind}"}


def croissant(described: dict, counts: dict[str, int], files: list[File]) -> dict:
    """Croissant 1.0: the schema.org form, with each table as a set of records whose fields have types."""
    context = {term: f"cr:{term}" for term in _CROISSANT_TERMS.split()} | {
        "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"}, "examples": {"@id": "cr:examples", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    }  # fmt: skip
    form = schema_org(described, counts, files)
    return form | {
        "@context": context,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "citeAs": bibtex(of_dataset(described)),
        "distribution": [item | {"@type": "cr:FileObject", "@id": item["name"]} for item in form["distribution"]],
        "recordSet": [_record_set(resource) for resource in described["resources"]],
    }


def _record_set(resource: dict) -> dict:
    """A table, without its references to others: readers join along those, and lose every row that has none."""
    name, schema = resource["name"], resource["schema"]
    return {
        "@type": "cr:RecordSet", "@id": name, "name": name, "description": resource["description"],
        "key": [{"@id": f"{name}/{column}"} for column in schema["primaryKey"]],
        "field": [
            {"@type": "cr:Field", "@id": f"{name}/{field['name']}", "name": field["name"],
             "description": field["description"], "dataType": f"sc:{_CROISSANT_TYPES[field['type']]}",
             "source": {"fileObject": {"@id": resource["path"]}, "extract": {"column": field["name"]}}}
            for field in schema["fields"]
        ],
    }  # fmt: skip
