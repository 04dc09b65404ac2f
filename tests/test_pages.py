"""The pages of registers, sources, questions and readers, read back and compared with SQL on the published database."""

import csv
import re
import sqlite3
from contextlib import redirect_stdout
from html.parser import HTMLParser
from io import StringIO
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import duckdb
import openpyxl
import pytest

from conftest import ROOT
from pipeline.descriptor import FOLDERS
from pipeline.pages import MENDED, NOT_THIS, ExampleGone, live
from test_site import rows

LARGEST = 300_000  # bytes of a page of sources


class _Article(HTMLParser):
    """The article of a page as a flat list: (tag, attributes), or ("", text)."""

    def __init__(self, text: str):
        super().__init__()
        self.parts: list[tuple] = []
        self.feed(text[text.index("<article") : text.index("</article>")])

    def handle_starttag(self, tag, attrs):
        self.parts.append((tag, dict(attrs)))

    def handle_data(self, text):
        self.parts.append(("", text))


def article(site, path: str) -> list[tuple]:
    return _Article((site / path / "index.html").read_text(encoding="utf-8")).parts


def text(parts: list[tuple]) -> str:
    return " ".join("".join(text for tag, text in parts if not tag).split())


def hrefs(parts: list[tuple], within: str) -> list[str]:
    """What links lead to below an address, such as records/, in the page's order."""
    found = [attrs.get("href", "") for tag, attrs in parts if tag == "a"]
    return [href.partition(f"/{within}")[2] for href in found if f"/{within}" in href and not href.startswith("http")]


@pytest.fixture(scope="module")
def sql(site):
    connection = sqlite3.connect(next((site / "download").glob("*.sqlite")))
    yield lambda query, *values: connection.execute(query, values).fetchall()
    connection.close()


def test_a_measure_lists_all_its_records(site, sql):
    listed = article(site, "measures")
    for measure, count, counted in sql(
        "SELECT m.measure, count(record_id), coalesce(sum(counted), 0)"
        " FROM measures m LEFT JOIN records r USING (measure) GROUP BY 1"
    ):
        page = article(site, f"measures/{measure}")
        records = sql("SELECT record_id FROM records WHERE measure = ?", measure)
        assert sorted(hrefs(page, "records/")) == sorted(f"{record}/" for (record,) in records), measure
        assert text(page).count(", in a total") == counted
        assert f"{measure}/" in hrefs(listed, "measures/") and len(records) == count


def test_a_stage_lists_all_its_claims(site, sql):
    for kind, stage in sql("SELECT kind, stage FROM stages"):
        page = article(site, f"stages/{kind}-{stage}")
        claims = sql("SELECT record_id || '/#' || claim_id FROM claims WHERE kind = ? AND stage = ?", kind, stage)
        assert sorted(hrefs(page, "records/")) == sorted(claim for (claim,) in claims), (kind, stage)
        assert f"{kind}-{stage}/" in hrefs(article(site, "stages"), "stages/")


@pytest.mark.parametrize(
    ("index", "query"),
    [
        (
            "measures",
            "SELECT m.kind, m.rowid, count(record_id) FROM measures m LEFT JOIN records r USING (measure)"
            " GROUP BY measure ORDER BY 1, 2",
        ),
        (
            "stages",
            "SELECT s.kind, s.rowid, count(claim_id) FROM stages s LEFT JOIN claims c USING (kind, stage)"
            " GROUP BY kind, stage ORDER BY 1, 2",
        ),
    ],
)
def test_an_index_counts_as_sql_does(site, sql, index, query):
    parts = article(site, index)
    shown = [parts[i + 1][1] for i, part in enumerate(parts) if part[0] == "td" and part[1].get("class") == "number"]
    assert [int(number) for number in shown] == [count for _, _, count in sql(query)]


def test_every_source_leads_to_every_record_that_cites_it(site, sql):
    found, pages = {}, [*(site / "sources").iterdir(), *(site / "publishers").iterdir()]
    for folder in (path for path in pages if path.is_dir()):
        assert (folder / "index.html").stat().st_size <= LARGEST
        source = None
        for tag, attrs in article(site, folder.relative_to(site)):
            if tag == "li" and "id" in attrs:
                source = found.setdefault(attrs["id"], [])
            elif tag == "a" and source is not None and "/records/" in attrs["href"] and not attrs.get("rel"):
                source.append(attrs["href"].split("/records/")[1].rstrip("/"))
            elif tag == "h2":
                source = None
    expected = {}
    for source, record in sql("SELECT DISTINCT source_id, record_id FROM evidence"):
        expected.setdefault(source, []).append(record)
    assert {source: sorted(records) for source, records in found.items()} == {
        source: sorted(records) for source, records in expected.items()
    }


def test_publishers_are_counted_as_sql_counts_them(site, sql):
    expected = sql(
        "SELECT publisher, count(DISTINCT source_id), count(DISTINCT record_id || ' ' || claim_id)"
        " FROM sources JOIN evidence USING (source_id) GROUP BY 1"
    )
    page = article(site, "publishers")
    assert (site / "publishers" / "index.html").stat().st_size <= LARGEST
    shown = [text(page[i : i + 9]) for i, part in enumerate(page) if part[0] == "li"]
    for publisher, sources, claims in expected:
        words = (
            f"{' '.join(publisher.split())} {sources} source{'s'[: sources > 1]}, {claims} claim{'s'[: claims > 1]};"
        )
        assert any(line.startswith(words) for line in shown), words
    assert len(shown) == len(expected)


def test_an_organisation_has_its_records_by_year_with_plan_and_outcome(site, sql):
    for organisation, count in sql("SELECT organisation_id, count(*) FROM records GROUP BY 1"):
        page = article(site, f"organisations/{organisation}")
        years = [attrs["id"][1:] for tag, attrs in page if tag == "h2" and re.fullmatch(r"y\d{4}-\d\d", attrs["id"])]
        assert years == sorted(years, reverse=True) and len(set(years)) == len(years)
        names = [
            page[i + 1][1]["href"].split("/records/")[1]
            for i, part in enumerate(page)
            if part == ("th", {"scope": "row"})
        ]
        own = sql("SELECT record_id || '/' FROM records WHERE organisation_id = ?", organisation)
        assert sorted(names) == sorted(name for (name,) in own) and len(names) == count
    row = text(article(site, "organisations/RAJ")).partition("Mid and South Essex trust to remove about 600 WTE")[2]
    assert re.match(
        r" in 2024-25 ?cut, 2024-25 about 600 WTE ?April 2024 about 450 WTE ?outturn, May 2025; about 75%", row
    )


def test_a_record_s_file_and_links_are_its_own(site, contract):
    """The YAML byte for byte; the report with title and address filled in; the file that the editor opens is there."""
    repository, home = contract.data["repository"], contract.data["homepage"]
    for row in rows(site, "records"):
        file = f"data/{next(f for f, kind in FOLDERS.items() if kind == row['kind'])}/{row['record_id']}.yml"
        assert (site / "records" / f"{row['record_id']}.yml").read_bytes() == (ROOT / file).read_bytes()
        links = [a["href"] for tag, a in article(site, f"records/{row['record_id']}") if tag == "a" and "href" in a]
        assert f"{repository}/edit/main/{file}" in links and f"../{row['record_id']}.yml" in links
        reports = {link for link in links if link.startswith(f"{repository}/issues/new?")}
        assert [parse_qs(urlsplit(report).query, strict_parsing=True) for report in reports] == [
            {
                "template": ["report-a-figure.yml"],
                "title": [row["title"]],
                "record": [f"{home}records/{row['record_id']}/"],
            }
        ]
    assert (ROOT / ".github" / "ISSUE_TEMPLATE" / "report-a-figure.yml").is_file()


def test_revisions_and_corrections_are_those_of_the_releases(site):
    folder, expected = site / "releases" / "changes", {}
    versions = sorted({side for path in folder.glob("*.csv") for side in path.stem.split("-to-")})
    for pair in zip(versions, versions[1:], strict=False):
        with (folder / "{}-to-{}.csv".format(*pair)).open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                if row["table"] in MENDED and row["why"] in ("revision", "correction"):
                    key = row["key"].split(" ")[0], f"Version {pair[1]}, {row['why']}:"
                    expected[key] = expected.get(key, 0) + 1
    assert expected, "no release has mended anything"
    shown = {}
    for row in rows(site, "records"):
        for words in re.findall(
            r"Version \S+, (?:revision|correction):", text(article(site, f"records/{row['record_id']}"))
        ):
            shown[row["record_id"], words] = shown.get((row["record_id"], words), 0) + 1
    assert shown == expected


def test_a_record_says_what_its_figure_is_not(site, sql):
    for column, value in NOT_THIS:
        register = "records" if column == "deficit_support" else f"{column}s"
        assert sql(f"SELECT 1 FROM {register} WHERE {column} = ?", value), (column, value)
    for (record,) in sql(
        "SELECT r.record_id FROM records r JOIN claims c ON c.claim_id = current_claim_id"
        " AND c.record_id = r.record_id WHERE stage = 'scenario'"
    ):
        shown = text(article(site, f"records/{record}"))
        assert "Not a plan: nobody has adopted it." in shown and "In no total: " in shown, record


def test_answers_carry_the_figures_of_their_records(site):
    parts = article(site, "looks-wrong")
    examples = 0
    for i, (tag, attrs) in enumerate(parts):
        if tag == "a" and "/records/" in attrs.get("href", "") and parts[i + 3 : i + 4] and parts[i + 3][0] == "strong":
            examples += 1
            figure = next(words for tag, words in parts[i + 4 :] if not tag)
            assert figure in text(article(site, attrs["href"].strip("./")))
    assert examples >= 15


def test_an_example_that_is_gone_stops_the_build(data, tmp_path, command):
    example = data / "cuts" / "qhl-system-2025-26-savings.yml"
    with example.open("a", encoding="utf-8") as handle:
        handle.write("withdrawn: It was an example.\n")
    result = command("build.py", "--data", data, "--dist", tmp_path / "dist")
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "looks-wrong.md.j2 answers with record qhl-system-2025-26-savings, which is gone" in result.stderr
    known = SimpleNamespace(records={"a": {"withdrawn": None, "counted": True, "current": None}})
    with pytest.raises(ExampleGone, match="record a as one whose counted is False"):
        live(known, "a", counted=False)


def test_every_tool_gives_the_same_answer(site, contract, monkeypatch):
    """pandas, DuckDB, SQLite and the columns that the Excel formulas name give what the page says."""
    parts = article(site, "start/researcher")
    shown = next(attrs["value"] for tag, attrs in parts if tag == "data")
    code = [parts[i + 2][1] for i, (tag, _) in enumerate(parts) if tag == "pre"]
    records, low, high = shown.split("|")
    expected = int(records), float(low), float(high) if high != "None" else None
    pandas, duck, sqlite, excel, _, polars, *_, claims = [
        text.replace(contract.data["homepage"], f"{site}/") for text in code
    ]
    monkeypatch.chdir(site / "download")
    for snippet in (pandas, sqlite):
        with redirect_stdout(printed := StringIO()):
            exec(snippet, {})
        assert answer(printed.getvalue().split()) == expected
    assert answer(duckdb.sql(duck).fetchall()[0]) == expected
    assert duckdb.sql(claims).fetchall()
    compile(polars, "polars", "exec")
    assert answer(worked_out(excel, next(site.glob("download/*.xlsx")))) == expected


def answer(values) -> tuple:
    records, low, high = values
    return int(records), float(low), None if str(high) in ("None", "nan") else float(high)


def worked_out(formulas: str, workbook) -> list:
    """What the COUNTIFS and SUMIFS of formulas give, over the columns that they name."""
    sheet = openpyxl.load_workbook(workbook, read_only=True)["deficits"]
    cells = list(zip(*sheet.iter_rows(values_only=True), strict=True))
    column = {openpyxl.utils.get_column_letter(i + 1): values[1:] for i, values in enumerate(cells)}

    def call(name: str, inside: str) -> float:
        places = [
            place.removeprefix("deficits!").split(":")[0] if "!" in place else place for place in inside.split(",")
        ]
        summed = column[places.pop(0)] if name == "SUMIFS" else [1] * len(column["A"])
        tests = [
            (column[c], {"TRUE": True}.get(v, v.strip('"'))) for c, v in zip(places[::2], places[1::2], strict=True)
        ]
        return sum(v or 0 for i, v in enumerate(summed) if all(values[i] == wanted for values, wanted in tests))

    return [
        sum(call(*match) for match in re.findall(r"([A-Z]+IFS)\((.*?)\)", line))
        for line in formulas.strip().splitlines()
    ]
