"""How to cite the dataset, a record, or a claim or finding of it, in the forms that readers and their tools take.

A citation names what is cited, the version it was read in, and the original source of the figure. Its date is that of
the release; the day on which the reader saw it is left open, as no clock is read here.
"""

import json
from calendar import month_name  # English, as no program here sets a locale
from dataclasses import dataclass
from pathlib import Path

from .render import day

ACCESSED = "DD Month YYYY"  # docs/assets/cite.js writes today's date in its place
_TEX = str.maketrans(
    {c: f"\\{c}" for c in "$&#_%"}
    | {"\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}", "|": r"{\textbar}"}
    | {"<": r"{\textless}", ">": r"{\textgreater}"}
    | {"{": r"\{\vphantom{\}}", "}": r"\vphantom{\{}\}"}  # BibTeX counts braces even after a backslash: keep them even
    | {"−": "-"}  # a sign that classic LaTeX does not know
)
_WIKI = str.maketrans({c: f"&#{ord(c)};" for c in "|{}[]<>&~"})
_URL = str.maketrans({c: f"%{ord(c):02X}" for c in " \"'<>[]{}|\\^`"})  # what would end an address in some form


@dataclass(frozen=True)
class Cited:
    """What is cited. part: which record and claim it is, and what that says; source: where it was first said."""

    described: dict
    id: str
    title: str
    url: str
    part: str = ""
    source: str = ""

    @property
    def author(self) -> str:
        return self.described["contributors"][0]["title"]

    @property
    def version(self) -> str:
        return f"version {self.described['version']}"

    @property
    def date(self) -> str:
        return self.described["created"][:10]

    @property
    def note(self) -> str:
        """Part and source, which ends with its address; empty for the dataset."""
        return f"{self.part}. {self.source}".strip() if self.part else ""


def of_dataset(described: dict) -> Cited:
    return Cited(described, described["name"], described["title"], described["homepage"])


def of_record(described: dict, record: dict, address: str) -> list[Cited]:
    """A record, then each of its statements. record: its row, with its statements as the site's pages have them."""
    name, statements, title = record["record_id"], record["statements"], _line(record["title"])
    first = record["current"] or next(iter(statements), None)
    whole = f"Record {name}{', withdrawn' if record['withdrawn'] else ''}"
    cited = [Cited(described, name, title, address, whole, _source(first) if first else "")]
    for said in statements:
        kind = "finding" if record["kind"] == "survey" else "claim"
        figure = said["figure"] or f"“{said['evidence'][0]['says']}”"
        part = f"{whole}, {kind} {said['id']}: " + ", ".join(filter(None, (_line(figure), day(said.get("date")))))
        cited.append(Cited(described, f"{name}#{said['id']}", title, f"{address}#{said['id']}", part, _source(said)))
    return cited


def _source(said: dict) -> str:
    """The first source of a statement: an origin, where it has one."""
    source = said["evidence"][0]
    title = f"“{source['title']}”" if source["title"] else ""
    parts = (source["publisher"], title, day(source["published"]) or "undated")
    return f"Original source: {_line(', '.join(filter(None, parts)))}. {source['url'].translate(_URL)}"


def _line(text: str) -> str:
    return " ".join(text.split())


def harvard(cited: Cited) -> str:
    title = cited.described["title"]
    work = f"‘{cited.title}’, in {title}" if cited.part else title
    when = f"{cited.version}, {day(cited.date)}"
    reached = f"Available at: {cited.url} (Accessed: {ACCESSED})."
    return f"{cited.author} ({cited.date[:4]}) {work}, {when}. {reached} {cited.note}".strip()


def vancouver(cited: Cited) -> str:
    title = f"{cited.described['title']} [dataset on the Internet]"
    work = f"{cited.title}. In: {title}" if cited.part else title
    when = f"{cited.version.capitalize()}. {cited.date[:4]} {_month(cited)} {int(cited.date[8:])} [cited {ACCESSED}]"
    return f"{cited.author}. {work}. {when}. Available from: {cited.url} {cited.note}".strip()


def _month(cited: Cited) -> str:
    return month_name[int(cited.date[5:7])][:3]


def bibtex(cited: Cited) -> str:
    """An entry @misc, which BibTeX and biblatex both know; double braces keep capitals and the name in one piece."""
    title = cited.described["title"]
    fields = {
        "author": f"{{{_tex(cited.author)}}}", "title": f"{{{_tex(cited.title)}}}",
        "howpublished": _tex(f"{title}, {cited.version}" if cited.part else f"Dataset, {cited.version}"),
        "year": cited.date[:4], "url": cited.url, "note": _tex(cited.note),
    }  # fmt: skip
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@misc{{{cited.id.replace('#', ':')},\n{''.join(lines)}  month = {_month(cited).lower()},\n}}\n"


def _tex(text: str) -> str:
    return text.translate(_TEX)


def ris(cited: Cited) -> str:
    """An entry of type DATA. A comma would split the author into family and given name, so the name has none."""
    fields = {
        "TY": "DATA", "ID": cited.id, "AU": cited.author.replace(",", ""),
        "TI": cited.title, "T2": cited.described["title"] if cited.part else "", "ET": cited.version,
        "PY": cited.date[:4], "DA": cited.date.replace("-", "/"), "UR": cited.url, "N1": cited.note,
    }  # fmt: skip
    return "".join(f"{tag}  - {value}\n" for tag, value in fields.items() if value) + "ER  - \n"


def csl(cited: Cited) -> dict:
    """An item of CSL-JSON."""
    item = {
        "id": cited.id, "type": "dataset", "author": [{"literal": cited.author}], "title": cited.title,
        "container-title": cited.described["title"] if cited.part else "", "version": cited.described["version"],
        "issued": {"date-parts": [[int(number) for number in cited.date.split("-")]]},
        "URL": cited.url, "note": cited.note,
    }  # fmt: skip
    return {key: value for key, value in item.items() if value}


def wikipedia(cited: Cited) -> str:
    """The template {{cite web}}, and the source after it; double parentheses keep the author in one piece."""
    fields = {
        "author": f"(({_wiki(cited.author)}))", "title": _wiki(cited.title),
        "website": _wiki(cited.described["title"]), "type": "Dataset",
        "id": _wiki("; ".join(filter(None, (cited.part, cited.version)))),
        "date": day(cited.date), "url": cited.url, "access-date": ACCESSED,
    }  # fmt: skip
    template = "".join(f" |{name}={value}" for name, value in fields.items())
    return f"{{{{cite web{template}}}}} {_wiki(cited.source)}".strip()


def _wiki(text: str) -> str:
    return text.translate(_WIKI).replace("''", "'&#39;").replace("__", "_&#95;")


def pasted(cited: Cited) -> dict[str, str]:
    """By name the forms that people paste into a text."""
    texts = {"Harvard": harvard, "Vancouver": vancouver, "Wikipedia": wikipedia, "BibTeX": bibtex}
    return {name: form(cited).strip() for name, form in texts.items()}


def forms(cited: Cited) -> dict[str, str]:
    """Every form by name."""
    return pasted(cited) | {"RIS": ris(cited).strip("\n"), "CSL-JSON": json.dumps(csl(cited), ensure_ascii=False)}


def sizes(described: dict) -> dict[str, str]:
    """A citation of the whole dataset in three sizes: for a paper, under a chart, in a post."""
    cited, licence = of_dataset(described), described["licenses"][0]["name"].replace("-", " ", 2)
    return {
        "Academic": harvard(cited),
        "Report": f"Source: {cited.title}, {cited.version}, {day(cited.date)}, {cited.url} ({licence})",
        "Social": f"Data: {cited.title}, {cited.version} {cited.url}",
    }


def write_citations(cited: list[Cited], stem: Path) -> None:
    """Write stem.bib, stem.ris and stem.csl.json, each with an entry for all that is cited."""
    texts = {"bib": "\n".join(map(bibtex, cited)), "ris": "\n".join(map(ris, cited))}
    texts["csl.json"] = "[\n" + ",\n".join(json.dumps(csl(item), ensure_ascii=False) for item in cited) + "\n]\n"
    for suffix, text in texts.items():
        stem.with_name(f"{stem.name}.{suffix}").write_text(text, encoding="utf-8")
