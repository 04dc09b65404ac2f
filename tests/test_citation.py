"""Citations in each form, read back by a tool of that form: citeproc, bibtexparser, rispy, mwparserfromhell."""

import json
import re
from html import unescape
from itertools import chain

import bibtexparser
import mwparserfromhell
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from pipeline.citation import ACCESSED, csl, forms, of_dataset, of_record, sizes, write_citations
from pipeline.render import day
from pipeline.site import SiteData

GLYPHS = get_default_latex_context_db()  # which lacks three signs of LaTeX, and takes a caret for an accent
SIGNS = {"textless": "<", "textgreater": ">", "textbar": "|", "textasciicircum": "^"}
GLYPHS.add_context_category("signs", prepend=True, macros=[MacroTextSpec(*sign) for sign in SIGNS.items()])
LATEX = LatexNodes2Text(latex_context=GLYPHS)
ADDRESS = "https://example.org/records/x/"
ATTACKS = [
    "100% of R&D_costs #1 at $5 {or} ~x^2 \\input{/etc/passwd} a|b <i>c</i>",
    "}} @misc{evil, title = {x}} {{",
    "{ never closed",
    "never opened }",
    "ends in a backslash \\",
    "@comment{ @string{a = {b}}",
    "one\nER  - \nTY  - JOUR\nTI  - two",
    "}}{{delete}}[[Category:X]]<ref>y</ref> |url=https://evil.example ''b'' ~~~~ __NOTOC__",
    "</pre></details><script>hit=1</script>",
    "“quoted” £5m ‘’ – 🏥 \"plain\" 'single'",
]


@pytest.fixture(scope="module")
def site(checked, contract):
    return SiteData(checked, contract, contract.data["version"], [])


@pytest.fixture(scope="module")
def every(site):
    """All that can be cited: the dataset, each record, each claim and finding."""
    return [of_dataset(site.described), *chain(*site.cited.values())]


def hostile(described, attack, url="https://example.org/a?b={c}|d]''e\"f#g%20h"):
    source = {"publisher": attack, "title": attack, "published": None, "url": url, "says": attack}
    said = {"id": "said", "figure": "", "date": "2025-03", "evidence": [source]}
    record = {"record_id": "x", "title": attack, "withdrawn": None, "kind": "cut", "current": None}
    return of_record(described, record | {"statements": [said]}, ADDRESS)


def line(text):
    return " ".join(text.split())


def rendered(items):
    """The bibliography that citeproc makes of CSL-JSON, in the style Cite Them Right."""
    source = CiteProcJSON(items)
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    return dict(zip([i["id"] for i in items], map(str, bibliography.bibliography()), strict=True))


def entries_of(path):
    """A written .bib file: the fields of each entry by its key."""
    library = bibtexparser.parse_string(path.read_text(encoding="utf-8"))
    assert not library.failed_blocks and not library.comments and not library.strings
    return {entry.key: {field.key: field.value for field in entry.fields} for entry in library.entries}


def printed(latex):
    """What LaTeX prints of a field, where it sets two apostrophes as one quotation mark."""
    return straight(LATEX.latex_to_text(latex))


def straight(text):
    return line(text).replace("''", '"').replace("”", '"').replace("“", '"')


def template_of(text):
    """What Wikipedia reads: the parameters of the one template, and no other markup anywhere."""
    code = mwparserfromhell.parse(text)
    (template,) = code.filter_templates()
    assert not code.filter_wikilinks() and not code.filter_tags() and template.name.strip() == "cite web"
    assert len({p.name.strip() for p in template.params}) == len(template.params)
    return {p.name.strip(): mwparserfromhell.parse(str(p.value).strip()) for p in template.params}


def read_text(code):
    return code.strip_code(normalize=True)


def test_every_form_of_every_citation_says_all_that_it_must(site, every):
    version = site.described["version"]
    assert len(every) == 1 + len(site.records) + sum(len(r["statements"]) for r in site.records.values())
    for cited in every[1:]:
        record, _, claim = cited.id.partition("#")
        statements = site.records[record]["statements"]
        said = {s["id"]: s for s in statements}.get(claim) or site.records[record]["current"] or statements[0]
        source = said["evidence"][0]
        must = [site.records[record]["title"], f"/records/{record}/" + f"#{claim}" * bool(claim), version]
        must += [f"Record {record}", f" {claim}: " * bool(claim), source["publisher"], source["title"] or ""]
        must += [day(source["published"]) or "undated", source["url"].split("'")[0]]
        texts = forms(cited)
        assert [name for name, text in texts.items() if ACCESSED in text] == ["Harvard", "Vancouver", "Wikipedia"]
        texts["Wikipedia"], texts["CSL-JSON"] = unescape(texts["Wikipedia"]), " ".join(map(str, csl(cited).values()))
        texts["BibTeX"] = re.sub(r"\\([$&#_%])", r"\1", texts["BibTeX"])
        for name, text in texts.items():
            assert [words for words in must if " ".join(words.split()) not in text] == [], (name, text)


def test_csl_is_rendered_by_citeproc(every):
    ids = [cited.id for cited in every]
    assert len(set(ids)) == len(ids)
    some = every[:60] + every[-60:]
    for cited, text in zip(some, rendered([csl(cited) for cited in some]).values(), strict=True):
        assert cited.author in text and f"({cited.date[:4]})" in text.replace("2026a", "2026"), text
        assert cited.url in text, text


def test_files_hold_a_record_and_all_its_claims(site, tmp_path):
    for record_id, cited in site.cited.items():
        write_citations(cited, tmp_path / record_id)
        items = json.loads((tmp_path / f"{record_id}.csl.json").read_text(encoding="utf-8"))
        assert items == [csl(item) for item in cited]
        found = entries_of(tmp_path / f"{record_id}.bib")
        assert [*found] == [item.id.replace("#", ":") for item in cited]
        assert [f["url"] for f in found.values()] == [item.url for item in cited]
        entries = rispy.loads((tmp_path / f"{record_id}.ris").read_text(encoding="utf-8"))
        assert [(e["type_of_reference"], e["id"], e["urls"], e["title"]) for e in entries] == [
            ("DATA", item.id, [item.url], item.title) for item in cited
        ]
        assert all(
            e["year"] == item.date[:4] and e["notes"] == [item.note] for e, item in zip(entries, cited, strict=True)
        )


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_breaks_no_form(site, tmp_path, attack):
    cited = hostile(site.described, attack)
    write_citations(cited, tmp_path / "x")
    assert all(item.title == line(attack) and item.note.count(line(attack)) >= 2 for item in cited)
    items = json.loads((tmp_path / "x.csl.json").read_text(encoding="utf-8"))
    assert [item["title"] for item in items] == [line(attack)] * 2 and len(rendered(items)) == 2
    found = entries_of(tmp_path / "x.bib")
    assert [*found] == ["x", "x:said"]
    assert [printed(fields["title"]) for fields in found.values()] == [straight(attack)] * 2
    assert [printed(fields["note"]) for fields in found.values()] == [straight(item.note) for item in cited]
    entries = rispy.loads((tmp_path / "x.ris").read_text(encoding="utf-8"))
    assert [(e["id"], e["title"], e["notes"]) for e in entries] == [(c.id, line(attack), [c.note]) for c in cited]
    for item in cited:
        fields = template_of(forms(item)["Wikipedia"])
        assert read_text(fields["title"]) == line(attack) and fields["url"] == item.url
        assert read_text(fields["id"]).endswith(f"version {site.described['version']}")
        assert "\n" not in forms(item)["Harvard"] + forms(item)["Vancouver"]


def test_no_address_ends_early_in_any_form(site):
    (_, cited) = hostile(site.described, "x")
    assert cited.note.endswith("https://example.org/a?b=%7Bc%7D%7Cd%5D%27%27e%22f#g%20h")


def test_a_record_without_claims_or_withdrawn_is_cited_as_such(site):
    record = {"record_id": "x", "title": "T", "withdrawn": "wrong", "kind": "cut", "current": None, "statements": []}
    (cited,) = of_record(site.described, record, ADDRESS)
    assert cited.note == "Record x, withdrawn."
    assert all("withdrawn" in text and "None" not in text for text in forms(cited).values())


def test_the_dataset_has_three_sizes(site):
    academic, report, social = sizes(site.described).values()
    assert len(academic) > len(report) > len(social) and len(social) <= 200
    for text in (academic, report, social):
        assert site.described["homepage"] in text and site.described["version"] in text
