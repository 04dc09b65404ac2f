"""Bad input gets one clear message with place, found, expected and fix; never a traceback, never a lost record."""

import json
import re

import pytest

RECORD = "cuts/raj-2024-25-wte.yml"


def edit(data, file, old, new, count=1):
    path = data / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old!r}: choose another example"
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return path


def line_of(path, text):
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


# (rule, what to write in place of what, where the message must point, what it must hold)
SLIPS = [
    ("unknown-key", "measure: wte_removed", "mesure: wte_removed", "mesure", "Did you mean measure?"),
    ("missing-key", "measure: wte_removed\n", "", "title:", "no “measure” in record"),
    ("wrong-value", "value: 600", "value: 6OO", "value: 6OO", "a number in plain digits"),
    ("wrong-value", "value: 600", "value: 600 WTE", "value: 600 WTE", "a number in plain digits"),
    ("wrong-value", "value: 600", "value: 1e309", "value: 1e309", "a number in plain digits"),
    ("wrong-value", "value: 600", "value: NaN", "value: NaN", "a number in plain digits"),
    ("wrong-value", "value: 600", f"value: {'9' * 400}", "value: 999", "a number in plain digits"),
    ("wrong-value", "organisation: RAJ", "organisation: RAI", "organisation: RAI", "Did you mean"),
    (
        "wrong-value",
        "organisation: RAJ",
        "organisation: Mid and South Essex NHS Foundation",
        "organisation: Mid",
        "RAJ",
    ),
    ("wrong-value", "measure: wte_removed", "measure: wte_remove", "measure: wte_remove", "Did you mean wte_removed"),
    ("stage-of-other-kind", "stage: planned", "stage: plannned", "stage: plannned", "Did you mean planned"),
    ("wrong-value", "date: 2024-04\n", "date: 2024-02-30\n", "date: 2024-02-30", "a day that 2024-02 has"),
    ("wrong-value", "date: 2024-04\n", "date: 2024-13\n", "date: 2024-13", "a month from 01 to 12"),
    ("wrong-value", "date: 2024-04\n", "date: 0000-04\n", "date: 0000-04", "a year from 1948 to 2100"),
    ("wrong-value", "period: 2024-25", "period: 2024-26", "period: 2024-26", "a financial year"),
    ("wrong-value", "url: https://", "url: javascript:alert(1)//", "url: javascript", "begins with https://"),
    ("wrong-value", "role: origin", "role: original", "role: original", "Did you mean origin"),
    ("empty", "value: 600", "value:", "value:", "nothing after “value:”"),
    ("not-a-value", "measure: wte_removed", "measure: [wte_removed]", "measure: [", "a list"),
    ("stage-of-other-kind", "stage: planned", "stage: paid", "stage: paid", "a stage of a cut"),
    ("measure-of-other-kind", "measure: wte_removed", "measure: deficit", "measure: deficit", "a measure of a cut"),
    ("figure-not-in-words", "value: 600", "value: 60", "says: cutting around 600 jobs", "about 600 posts"),
    ("figure-not-in-words", "value: 600", "value: 6000", "says: cutting around 600 jobs", "about 600 posts"),
    ("qualifier-and-bounds", "qualifier: about", "qualifier: more_than", "qualifier: more_than", "expected low"),
    (
        "qualifier-and-bounds",
        "qualifier: about",
        "qualifier: unquantified",
        "qualifier: unquantified",
        "with value; expected no figure",
    ),
    (
        "says-too-long",
        "says: cutting around 600 jobs",
        "says: one two three four five six seven eight nine about 600 jobs more",
        "says: one two",
        "13 words",
    ),
    (
        "said-after-published",
        "date: 2024-04\n",
        "date: 2024-06\n",
        "date: 2024-06",
        "not after the source's publication",
    ),
    (
        "published-after-accessed",
        "published: 2024-04-26",
        "published: 2027-04-26",
        "published: 2027-04-26",
        "not after the reading",
    ),
    ("outturn-too-early", "stage: planned", "stage: outturn", "stage: outturn", "after the period's end"),
    ("claim-id-twice", "- id: outcome", "- id: plan", "- id: plan", "an id of its own"),
    ("link-to-itself", "see_also: [", "see_also: [raj-2024-25-wte, ", "see_also", "another record"),
    ("wrong-value", "see_also: [", "see_also: [raj-2024-25-nowhere, ", "see_also", "an id of the register"),
    ("yaml", "title: Mid", "title: Mid: and", "title", "double quotes"),
    ("yaml-anchor", "measure: wte_removed", "measure: &a wte_removed", "measure", "anchor"),
    ("yaml-tag", "measure: wte_removed", "measure: !!python/name:os.system wte_removed", "measure", "tag"),
    ("key-twice", "measure: wte_removed", "measure: wte_removed\nmeasure: wte_removed", "measure", "a second time"),
    ("invisible-character", "measure: wte_removed", "measure: wte_\u202eremoved", "measure", "cannot be seen"),
    ("invisible-character", "measure: wte_removed", "measure:\u00a0wte_removed", "measure", "no-break space"),
]


@pytest.mark.parametrize("rule,old,new,place,hint", SLIPS, ids=[f"{i}-{s[0]}" for i, s in enumerate(SLIPS)])
def test_one_slip_one_message_at_its_line(data, check_of, rule, old, new, place, hint):
    path = edit(data, RECORD, old, new)
    found = [f for f in check_of(data) if f["file"] == path.as_posix()]
    found = [f for f in found if f["rule"] != "source-differs"]  # a source cited elsewhere too: that is said as well
    assert [f["rule"] for f in found] == [rule] * len(found), found
    assert found, f"nothing found for {new!r}"
    first = found[0]
    if rule not in ("yaml", "missing-key", "key-twice"):
        lines = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if place in line]
        assert first["line"] in lines, first
    assert hint in first["message"]
    assert first["expected"] and first["fix"] and first["column"] >= 1


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
        "measure: deficit\n",
        "measure: deficit\npart_of: [raj-2024-25-deficit]\n",
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
