"""Bad input gets one clear message with place, found, expected and fix; never a traceback, never a lost record."""

import json
import re
from pathlib import Path

import pytest

from pipeline.faults import MESSAGES, slips

RECORD = "cuts/raj-2024-25-wte.yml"
SCENARIO = "cuts/qnc-providers-2024-25-posts.yml"
VINTAGES = "deficits/nhs-systems-2024-25-deficit-before-support.yml"
SURVEY = "surveys/nhs-providers-2025-05.yml"


def edit(data, file, old, new, count=1):
    path = data / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old!r}: choose another example"
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return path


def line_of(path, text):
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


SLIPS = slips()


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{n}-{slip['rule']}" for n, slip in enumerate(SLIPS, 2)])
def test_one_slip_one_message_at_its_line(data, check_of, slip):
    path = edit(data, slip["file"], slip["old"], slip["new"])
    found = [f for f in check_of(data) if f["file"] == path.as_posix()]
    found = [
        f for f in found if f["rule"] not in ("source-differs", "claim-lost")
    ]  # what follows from the slip elsewhere
    assert {f["rule"] for f in found} == {slip["rule"]}, found
    lines = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if slip["place"] in line]
    assert found[0]["line"] in lines, found[0]
    assert slip["message"] == found[0]["message"], "the Rules page shows another message"
    assert found[0]["expected"] and found[0]["fix"] and found[0]["column"] >= 1


@pytest.mark.parametrize("hidden", ["\u202e", "\u00a0", "\u200b", "\x07", "\ufeff"])
def test_what_cannot_be_seen_is_refused(data, check_of, hidden):
    path = edit(data, RECORD, "measure: wte_removed", f"measure:{hidden} wte_removed")
    (fault,) = check_of(data)
    assert (fault["rule"], fault["line"], fault["column"]) == ("invisible-character", line_of(path, "wte_removed"), 9)


def test_source_removed(data, check_of):
    path = data / RECORD
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"    sources:\n(      .*\n)+?(?=  - id: outcome)", "", text, count=1), encoding="utf-8")
    found = [f for f in check_of(data) if f["file"] == path.as_posix()]
    assert [(f["rule"], f["line"]) for f in found] == [("missing-key", line_of(path, "- id: plan"))]
    assert "no “sources” in claims" in found[0]["message"]


def test_every_fault_in_one_run_and_a_broken_file_hides_no_other(data, check_of):
    edit(data, RECORD, "title:", "\ttitle:")
    others = sorted(p for p in (data / "deficits").glob("*.yml"))[:2]
    for path in others:
        path.write_text(path.read_text(encoding="utf-8").replace("organisation:", "organization:", 1), encoding="utf-8")
    found = check_of(data)
    assert {f["file"] for f in found} >= {(data / RECORD).as_posix(), *(p.as_posix() for p in others)}
    assert not any(f["rule"] in ("record-lost", "wrong-value") for f in found), (
        "a broken file must not bring other messages"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\x01\x02",
        b"\xff\xfe\x00",
        b"title: \xe9",
        b"- a\n- b\n",
        b"just text",
        b"title: [",
        b"a: &x [*x]",
        b"---\na: 1\n---\nb: 2\n",
        b"{" * 20000,
        b"[" * 20000,
        b"a: " * 5000,
        b"x" * 10_000_000,
        b"title: x\n" * 3,
        b"? [a]\n: b\n",
        b"%YAML 9.9\n---\na: b\n",
        b"\xef\xbb\xbftitle: x\n",
        b"title: x\r\norganisation: RAJ\r\n",
        b"a: !!python/object/apply:os.system ['true']",
        "\ud7ff\u2028".encode(),
    ],
    ids=range(20),
)
def test_any_bytes_are_refused_with_a_message(data, check_of, raw):
    path = data / "cuts" / "hostile.yml"
    path.write_bytes(raw)
    found = [f for f in check_of(data) if f["file"] == path.as_posix()]
    assert found and all(f["line"] >= 1 and f["found"] and f["expected"] and f["fix"] for f in found)


@pytest.mark.parametrize(
    "name", ["Upper.yml", "under_score.yml", "a b.yml", "x.yaml", "notes.txt", "ünder.yml", "-a.yml"]
)
def test_a_file_that_would_be_overlooked_is_named(data, check_of, name):
    (data / "cuts" / name).write_text("title: x\n", encoding="utf-8")
    assert [f["rule"] for f in check_of(data)] == ["file-name"]


def test_windows_line_ends_and_bom_are_fine(data, check_of):
    path = data / RECORD
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert check_of(data) == []


def test_a_released_claim_or_record_cannot_vanish(data, check_of):
    path = edit(data, RECORD, "- id: plan\n", "- id: first-plan\n")
    assert [(f["rule"], f["file"]) for f in check_of(data)] == [("claim-lost", path.as_posix())]
    path.unlink()
    lost = [f for f in check_of(data) if f["rule"] == "record-lost"]
    assert len(lost) == 1 and "raj-2024-25-wte" in lost[0]["message"] and lost[0]["file"].endswith("tables/records.csv")


def test_a_renamed_record_keeps_its_old_id(data, check_of):
    path = edit(data, RECORD, "organisation: RAJ\n", "organisation: RAJ\nformer_ids: [raj-2024-25-wte]\n")
    path.rename(path.with_name("raj-2024-25-whole-time.yml"))
    for other in data.glob("*/*.yml"):
        text = other.read_text(encoding="utf-8")
        other.write_text(
            re.sub(r"raj-2024-25-wte(?=[,\]])", "raj-2024-25-whole-time", text)
            if other != path.with_name("raj-2024-25-whole-time.yml")
            else text,
            encoding="utf-8",
        )
    assert not [f for f in check_of(data) if f["rule"] in ("record-lost", "claim-lost")]


def test_source_described_two_ways(data, check_of):
    path = edit(data, RECORD, 'title: "Daily Insight: Cutting remarks"', "title: Cutting remarks")
    found = check_of(data)
    assert {f["rule"] for f in found} == {"source-differs"}
    assert any(path.as_posix() in f["file"] + f["message"] for f in found)


def test_circle_of_parts(data, check_of):
    outer = edit(
        data,
        "deficits/qh8-system-2024-25-deficit.yml",
        "part_of: [",
        "part_of: [raj-2024-25-deficit, ",
    )
    found = check_of(data)
    assert {f["rule"] for f in found} == {"link-circle"}
    assert any(f["file"] == outer.as_posix() and "→" in f["message"] for f in found)


def test_two_records_of_one_thing(data, check_of):
    text = (data / RECORD).read_text(encoding="utf-8")
    (data / "cuts" / "raj-2024-25-wte-again.yml").write_text(text, encoding="utf-8")
    assert [f["rule"] for f in check_of(data)] == ["record-twice"]


def test_registers_are_checked_too(data, check_of):
    path = data / "measures.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("wte_removed,cut,wte,", "wte_removed,cutt,wte,"), encoding="utf-8")
    found = [f for f in check_of(data) if f["file"] == path.as_posix()]
    assert [(f["rule"], f["line"], f["column"]) for f in found] == [
        ("wrong-value", line_of(path, "wte_removed"), len("wte_removed,") + 1)
    ]
    path.write_text(text.replace("measure,kind", "measures,kind"), encoding="utf-8")
    assert "register-columns" in {f["rule"] for f in check_of(data)}
    path.write_text(text + "a,b\n", encoding="utf-8")
    assert "register-cells" in {f["rule"] for f in check_of(data)}


def test_a_broken_key_between_registers_is_led_to_its_line(data, check_of):
    path = data / "organisations.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    found = check_of(data)
    assert {f["rule"] for f in found} == {"contract-primary-key"}
    assert (found[0]["file"], found[0]["line"]) == (path.as_posix(), len(lines) + 1)


def test_formats_and_exit_status(data, command):
    clean = command("check.py", "--data", data)
    assert (clean.returncode, clean.stdout) == (0, "")
    edit(data, RECORD, "value: 600", "value: 60%,\u2019")
    text = command("check.py", "--data", data)
    assert text.returncode == 1
    assert re.match(rf"{re.escape((data / RECORD).as_posix())}:\d+:\d+: .*; expected .*\[wrong-value\]\n", text.stdout)
    github = command("check.py", "--data", data, "--format", "github").stdout
    assert github.startswith("::error file=") and "60%25,’" in github and github.count("\n") == 1
    fault = json.loads(command("check.py", "--data", data, "--format", "json").stdout)
    assert set(fault) == {"file", "line", "column", "rule", "severity", "found", "expected", "fix", "message"}
    assert command("check.py", "--data", data / "nowhere").returncode == 2
    assert command("check.py", "--format", "xml").returncode == 2


def test_the_check_does_not_import_what_it_does_not_need(command):
    result = command("check.py", PYTHONPROFILEIMPORTTIME="1")
    assert result.returncode == 0
    for module in ("great_expectations", "pandas", "mkdocs", "duckdb"):
        assert not re.search(rf"\| +{module}$", result.stderr, re.MULTILINE), f"the check imports {module}"


def test_the_same_source_words_twice_in_a_claim(data, check_of):
    path = data / SCENARIO
    text = path.read_text(encoding="utf-8")
    source = re.search(r"      - url: .*?\n(?=      - url)", text, re.DOTALL)[0]
    path.write_text(text.replace(source, source + source), encoding="utf-8")
    assert [f["rule"] for f in check_of(data)] == ["source-twice"]


def test_the_same_claim_under_two_ids(data, check_of):
    path = data / SCENARIO
    text = path.read_text(encoding="utf-8")
    claim = text[text.index("  - id: analysis") :]
    path.write_text(text + claim.replace("id: analysis", "id: again"), encoding="utf-8")
    assert [(f["rule"], f["line"]) for f in check_of(data)] == [("claim-twice", line_of(path, "- id: again"))]


def test_nothing_is_said_after_its_source_was_read(data, check_of):
    file = "cuts/nhs-england-2025-voluntary-redundancy.yml"
    path = edit(data, file, "  - id: applications\n    date: 2026-01\n", "  - id: applications\n    date: 2026-12\n")
    assert [(f["rule"], f["line"]) for f in check_of(data)] == [("said-after-accessed", line_of(path, "date: 2026-12"))]
    edit(data, file, "date: 2026-12", "date: 2026-01")
    path = edit(data, SURVEY, "published: 2025-05-09\nasked", "published: 2026-05-09\nasked")
    found = {(f["rule"], f["line"]) for f in check_of(data)}
    assert found == {("said-after-published", line_of(path, "published: 2026-05-09"))}


def test_one_target_under_two_links(data, check_of):
    edit(data, "deficits/raj-2024-25-deficit.yml", "part_of: [", "overlaps: [qh8-system-2024-25-deficit]\npart_of: [")
    assert [f["rule"] for f in check_of(data)] == ["link-twice"]


def test_a_computed_value_rests_on_stated_figures_and_right_arithmetic(data, check_of):
    path = edit(
        data,
        RECORD,
        "    value: 600\n    qualifier: about\n",
        "    value: 500\n    qualifier: exact\n    derived: 600 - 100\n",
    )
    assert [(f["rule"], f["line"]) for f in check_of(data)] == [("derived-number", line_of(path, "derived:"))]
    edit(data, RECORD, "derived: 600 - 100", "derived: 600 - 600")
    assert [f["rule"] for f in check_of(data)] == ["derived-arithmetic"]
    edit(data, RECORD, "value: 500", "value: 0")
    assert check_of(data) == []


def test_a_breakdown_said_to_be_complete_is_added_up(data, check_of):
    path = edit(data, "cuts/qnc-2025-26-savings.yml", "period: 2025-26\n", "period: 2025-26\nbreakdown: complete\n")
    (fault,) = check_of(data)
    assert (fault["rule"], fault["line"]) == ("breakdown-sum", line_of(path, "breakdown:"))


def test_an_id_is_one_records_whatever_its_kind_and_a_former_id_stays_taken(data, check_of):
    text = (data / RECORD).read_text(encoding="utf-8")
    (data / "deficits" / "raj-2024-25-wte.yml").write_text(text, encoding="utf-8")
    assert [f["rule"] for f in check_of(data)] == ["id-twice"]
    (data / "deficits" / "raj-2024-25-wte.yml").unlink()
    edit(data, SCENARIO, "period: 2024-25\n", "period: 2024-25\nformer_ids: [raj-2024-25-wte]\n")
    assert [f["rule"] for f in check_of(data)] == ["former-id-taken"]


@pytest.mark.parametrize(
    "rule,text",
    [
        ("yaml-documents", "a: 1\n---\nb: 2\n"),
        ("yaml-depth", "a: " + "[" * 20 + "]" * 20),
        ("yaml-key", "[a]: b\n"),
        ("yaml-shape", "- a\n"),
        ("yaml-shape", ""),
        ("yaml-shape", "plain text\n"),
        ("file-too-large", "# x\n" * 20000),
    ],
)
def test_what_yaml_allows_and_a_record_does_not(data, check_of, rule, text):
    (data / "deals" / "odd.yml").write_text(text, encoding="utf-8")
    assert [f["rule"] for f in check_of(data)] == [rule]


def test_another_encoding_is_named_with_its_byte(data, check_of):
    (data / "deals" / "latin.yml").write_bytes("title: x\nsummary: £5m\n".encode("latin-1"))
    (fault,) = check_of(data)
    assert (fault["rule"], fault["line"], fault["column"]) == ("not-utf-8", 2, 10) and "0xA3" in fault["message"]


def test_unreadable_file_and_broken_register(data, check_of):
    (data / "deals" / "gone.yml").symlink_to(data / "nowhere")
    assert [f["rule"] for f in check_of(data)] == ["file-unreadable"]
    (data / "deals" / "gone.yml").unlink()
    path = data / "measures.csv"
    path.write_text(path.read_text(encoding="utf-8") + '"open', encoding="utf-8")
    assert "register-csv" in {f["rule"] for f in check_of(data)}


def test_an_organisation_never_belongs_to_itself(data, check_of):
    edit(data, "organisations.csv", "X24,,,dhsc,", "X24,,,nhs-england,")
    (fault,) = check_of(data)
    assert fault["rule"] == "parent-circle" and "nhs-england → nhs-england" in fault["message"]


def test_organisations_never_belong_to_each_other(data, check_of):
    edit(
        data,
        "organisations.csv",
        "dhsc,Department of Health and Social Care,national_body,,England,,,,hm-government",
        "dhsc,Department of Health and Social Care,national_body,,England,,,,nhs-england",
    )
    found = check_of(data)
    assert {f["rule"] for f in found} == {"parent-circle"}
    assert "dhsc → nhs-england → dhsc" in "".join(f["message"] for f in found)


@pytest.mark.parametrize("years", ["2024-25,2023-24", "2024-12,2025-12", "1899-00,2024-25"])
def test_a_search_covers_financial_years_in_order(data, check_of, years):
    path = data / "searches.csv"
    path.write_text(path.read_text(encoding="utf-8") + f"RAJ,{years},2027-01-01\n", encoding="utf-8")
    assert [f["rule"] for f in check_of(data)] == ["search-years"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("raj-2024-25-wte,nothing,2026-11-21,right,,", "audit-unknown-claim"),
        ("raj-2024-25-wte,plan,2026-11-21,right,value,", "audit-wrong-in"),
        ("raj-2024-25-wte,plan,2026-11-21,wrong,,", "audit-wrong-in"),
        ("raj-2024-25-wte,plan,2026-11-21,,,", "empty"),
    ],
)
def test_an_audit_reads_claims_that_are_there_and_says_what_is_wrong(data, check_of, row, rule):
    path = data / "audit_results.csv"
    path.write_text(path.read_text(encoding="utf-8") + f"9.0.0,{row}\n", encoding="utf-8")
    assert [f["rule"] for f in check_of(data)] == [rule]


def test_a_broken_release_is_named(data, check_of):
    (data / "tables" / "claims.csv").write_bytes(b"record_id,claim_id\n\xff\xfe,x\n")
    assert [(f["rule"], f["file"]) for f in check_of(data)] == [
        ("file-unreadable", (data / "tables" / "claims.csv").as_posix())
    ]


def test_every_rule_is_planted_by_a_test_and_says_why_it_is_there():
    planted = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    for rule, texts in MESSAGES.items():
        assert f'"{rule}"' in planted or rule in {slip["rule"] for slip in SLIPS} or rule.startswith("contract"), rule
        assert all(texts[column] for column in ("found", "expected", "fix", "why", "since")), rule
