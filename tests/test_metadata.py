"""The metadata in each form, validated offline by that form's own tool; no two forms say different things."""

import csv
import json
import re
import subprocess
import sys
from datetime import date

import mlcroissant
import pytest
import yaml
from datacite import schema45
from rdflib import Graph, Namespace, URIRef
from rdflib import namespace as ns

from pipeline.descriptor import ROOT
from pipeline.metadata import documents, embedded, files_of, schema_org_record, zenodo
from pipeline.tables import read_tables

SPDX = Namespace("http://spdx.org/rdf/terms#")
COUNTED = ("records", "claims", "survey_findings", "sources")
ATTACKS = ["</script><script>hit=1</script>", "<!--<script>", "]]>", 'a"b\\', "\u2028 £ 🏥", "{{ 7*7 }}"]


def lines(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return sum(1 for _ in csv.reader(handle)) - 1


@pytest.fixture(scope="module")
def described(package):
    return json.loads((package / "package" / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published(package, described, tmp_path_factory):
    """The folder of all forms as published, with the package's files beside them, and `.zenodo.json`."""
    folder = tmp_path_factory.mktemp("metadata")
    (archive,) = package.glob("*.zip")
    counts = {resource["name"]: lines(package / "package" / resource["path"]) for resource in described["resources"]}
    forms = documents(described, counts, files_of(package / "package", archive))
    for name, text in (forms | {".zenodo.json": json.dumps(zenodo(described, counts))}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def read(folder, name):
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))  # JSON is YAML


def numbers(text):
    return {name: int(re.search(rf"\b(\d+) {name.replace('_', ' ')}", text)[1]) for name in COUNTED}


def what_each_says(folder, cff="citation.cff"):
    """By form: title, version, date, licence, creator, address, counts (where the form has room for them)."""
    found = {}
    d = read(folder, cff)
    licence = f"https://creativecommons.org/licenses/by/4.0/ {d['license']}"
    found["cff"] = d["title"], d["version"], d["date-released"], licence, d["authors"][0]["name"], d["url"], None
    d = read(folder, ".zenodo.json")
    assert d["license"] == d["license"].lower()
    licence = f"https://creativecommons.org/licenses/by/4.0/ {d['license'].upper()}"
    about, day, home = numbers(d["description"]), d["publication_date"], d["related_identifiers"][0]["identifier"]
    found["zenodo"] = d["title"], d["version"], day, licence, d["creators"][0]["name"], home, about
    if (folder / "datacite.json").is_file():
        d = read(folder, "datacite.json")
        rights, about = d["rightsList"][0], numbers(d["descriptions"][0]["description"])
        assert numbers(" ".join(d["sizes"])) == about and d["publicationYear"] == d["dates"][0]["date"][:4]
        licence, name = f"{rights['rightsUri']} {rights['rightsIdentifier']}", d["creators"][0]["name"]
        found["datacite"] = d["titles"][0]["title"], d["version"], d["dates"][0]["date"], licence, name, d["url"], about
        for form in ("schema-org.json", "croissant.json"):
            d = read(folder, form)
            licence, name, about = f"{d['license']} CC-BY-4.0", d["creator"][0]["name"], numbers(d["description"])
            found[form] = d["name"], d["version"], d["datePublished"], licence, name, d["url"], about
        d = read(folder, "dcat.jsonld")
        licence, name = f"{d['dct:license']['@id']} CC-BY-4.0", d["dct:creator"][0]["foaf:name"]
        day, home, about = d["dct:issued"]["@value"], d["dcat:landingPage"]["@id"], numbers(d["dct:description"])
        found["dcat"] = d["dct:title"], d["dcat:version"], day, licence, name, home, about
    return found


def test_no_two_forms_disagree(published, described, package):
    counts = {name: lines(package / "package" / f"{name}.csv") for name in COUNTED}
    (licence,), day = described["licenses"], described["created"][:10]
    licence, name = f"{licence['path']} {licence['name']}", described["contributors"][0]["title"]
    expected = described["title"], described["version"], day, licence, name, described["homepage"], counts
    found = what_each_says(published)
    assert len(found) == 6
    for form, said in found.items():
        assert said == (*expected[:-1], said[-1] and counts), form


def test_the_repository_s_own_forms_say_what_was_released(contract):
    released = {name: len(rows) for name, rows in read_tables(ROOT / "data" / "tables").items() if name in COUNTED}
    day = contract.data["created"][:10]
    for form, said in what_each_says(ROOT, "CITATION.cff").items():
        assert said[:3] == (contract.data["title"], contract.data["version"], day), form
        assert said[-1] in (None, released), form


@pytest.mark.parametrize("name", ["citation.cff", "CITATION.cff"])
def test_citation_cff_by_its_schema(published, name):
    path = published / name if name.islower() else ROOT / name
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format", path]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_datacite_by_its_schema(published):
    form = read(published, "datacite.json")
    schema45.validator.validate(form)
    assert list(schema45.validator.iter_errors(form | {"types": {"resourceTypeGeneral": "Table"}}))


def downloads(package):
    """Every file of the download page by its name there."""
    paths = [path for path in (package / "package").rglob("*") if path.is_file()]
    found = {path.relative_to(package / "package").as_posix(): path for path in paths}
    return found | {path.name: path for path in package.glob("*.zip")}


def test_dcat_has_every_file_with_its_hash(published, package):
    graph = Graph().parse(published / "dcat.jsonld")
    (dataset,) = graph.subjects(ns.RDF.type, ns.DCAT.Dataset)
    for needed in (
        ns.DCTERMS.title,
        ns.DCTERMS.description,
        ns.DCTERMS.publisher,
        ns.DCTERMS.license,
        ns.DCAT.theme,
        ns.DCAT.keyword,
    ):
        assert (dataset, needed, None) in graph, needed
    assert isinstance(graph.value(dataset, ns.DCTERMS.issued).toPython(), date)
    sizes = {}
    for part in graph.objects(dataset, ns.DCAT.distribution):
        url, kind = graph.value(part, ns.DCAT.downloadURL), graph.value(part, ns.DCAT.mediaType)
        assert isinstance(url, URIRef) and not kind.endswith("octet-stream"), url
        hashed = graph.value(graph.value(part, SPDX.checksum), SPDX.checksumValue).toPython().hex()
        sizes[url.split("/download/")[1]] = graph.value(part, ns.DCAT.byteSize).toPython(), hashed
    files = downloads(package)
    described = json.loads((package / "package" / "datapackage.json").read_text(encoding="utf-8"))
    assert {name: size for name, (size, _) in sizes.items()} == {
        name: path.stat().st_size for name, path in files.items()
    }
    assert all(sizes[r["path"]][1] == r["hash"].removeprefix("sha256:") for r in described["resources"])


def terms(form):
    """The properties and classes of a schema.org form, read as linked data without a look-up of its context."""
    graph = Graph().parse(data=json.dumps(form | {"@context": {"@vocab": str(ns.SDO)}}), format="json-ld")
    return {*graph.predicates()} - {ns.RDF.type} | {*graph.objects(None, ns.RDF.type)}


def test_schema_org_uses_that_vocabulary_and_what_dataset_search_asks(published):
    form = read(published, "schema-org.json")
    assert [term for term in terms(form) if term not in ns.SDO] == []
    assert 50 <= len(form["description"]) <= 5000 and form["name"] and len(form["distribution"]) > 20


def test_croissant_by_its_own_tool(published, package, described):
    dataset = mlcroissant.Dataset(jsonld=read(published, "croissant.json"), mapping=downloads(package))
    issues = dataset.metadata.ctx.issues
    assert not issues.errors and not issues.warnings, issues.report()
    fields = {f["name"]: [field["name"] for field in f["schema"]["fields"]] for f in described["resources"]}
    assert {s.name: [field.name for field in s.fields] for s in dataset.metadata.record_sets} == fields
    for table in ("claims", "sources", "units", "coverage"):
        rows = list(dataset.records(table))
        assert len(rows) == lines(package / "package" / f"{table}.csv")
    figures = {row["claims/claim_id"]: row["claims/value"] for row in dataset.records("claims") if row["claims/value"]}
    assert figures[b"plan"] and isinstance(figures[b"plan"], float)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_record_ends_its_script_early(described, attack):
    row = {"record_id": "x", "title": attack, "summary": attack, "organisation_name": attack}
    source = {"url": "https://example.org/", "title": attack, "publisher": attack, "published": None}
    row |= {"period_start": "2024-04-01", "period_end": None, "sources": [source]}
    form = schema_org_record(described, row, "https://example.org/records/x/")
    text = embedded(form)
    assert "<" not in text and text.isascii() and json.loads(text) == form
    assert [term for term in terms(form) if term not in ns.SDO] == []
