"""Whatever is put into the data folder, the check says of it what is wrong, soon, on one line, and loses nothing else.

Most cases run in the process, on a folder of the registers and a few records, without the contract's layer.
"""

import copy
import csv
import functools
import json
import os
import re
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT, run
from pipeline import check as check_module
from pipeline.check import check
from pipeline.descriptor import FOLDERS, LOGS, REGISTERS
from pipeline.faults import FORMATS
from pipeline.read import shown_path
from pipeline.tables import cell, to_csv
from pipeline.values import number

CUT, SURVEY = "cuts/raj-2024-25-wte.yml", "surveys/nhs-confederation-2025-11.yml"
KEPT = (
    CUT,
    SURVEY,
    "cuts/rje-2026-27-savings.yml",
    "deficits/rje-2025-26-deficit.yml",
    "deals/dhsc-2025-26-redundancy-extra-money.yml",
)
LINKS = re.compile(r"^(part_of|overlaps|offsets|see_also|breakdown|replaced_by): .*\n(?:  .*\n)*", re.MULTILINE)
LIMIT = 60  # seconds: for ever, to a contributor
SEARCH = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}

TEXTS = [  # hostile, each for any field
    "=1+1", '=HYPERLINK("https://example.org")', "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1",
    "＝1+1", "-A1", "- a list", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}{% x %}",
    "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://[", "https://a／b", "https://",
    "http:/x", "1e309", "NaN", "sNaN", "Infinity", "-inf", "-0", "0x10", "1_000", "١٢٣", "９", "²", "9" * 400, "1.",
    ".5", "--5", "0000-00-00", "0000-01", "9999-00", "2025-02-30", "9999-12-31", "٢٠٢٤-٢٥", "by 0000", "from 99999",
    "2025-26 to ", "\x00", "\x1b[31m", "a\rb", "a\nb", "\u202eb", "a\u200bb", "\ufeff", "\xa0", "\u2028",
    "\U000e0041", "\ud7ff", "\uffff", "RАJ", "ⅸ", "a" * 5000, "🏥" * 40, "z" + "\u0351\u0369" * 30, "null", "~",
    "true", "[]", "{}", "- a", "a: b", "*x", "&x", "!x", "%", "|", "%0A", "{0}", "{rule}", "%s%n", "::error::x",
    "../../etc/passwd", "a" * 60 + "-", "None", "", " ", "''", "\\", "\\u0000",
]  # fmt: skip


# --- what holds of every case ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def originals():
    """The few records, without their links to others, by file."""
    return {file: LINKS.sub("", (ROOT / "data" / file).read_text(encoding="utf-8")) for file in KEPT}


@functools.cache
def parents():
    with (ROOT / "data" / "organisations.csv").open(encoding="utf-8", newline="") as handle:
        return {row["organisation_id"]: row["parent_id"] for row in csv.DictReader(handle)}


def organisations(originals):
    """Those that the records name, and what these belong to."""
    found = re.findall(r"organisation: (\S+)", "".join(originals.values()))
    for organisation in found:
        found += {parents()[organisation]} - {"", *found}
    return set(found)


@pytest.fixture
def small(tmp_path, originals):
    """A data folder of all registers, founding claims left out, and the few records."""
    folder = tmp_path / "data"
    for file, text in originals.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    for name in REGISTERS:
        shutil.copy(ROOT / "data" / f"{name}.csv", folder)
    for name in ("organisations", "organisation_links", "founding_claims", *LOGS):  # the rows that the records need
        head, *rows = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        rows = [row for row in rows if name == "organisations" and row.split(",")[0] in organisations(originals)]
        (folder / f"{name}.csv").write_text(head + "".join(rows), encoding="utf-8")
    return folder


@pytest.fixture
def quick(monkeypatch):
    """Leave out the contract's layer, which takes half a second: its own test is below."""
    monkeypatch.setattr(check_module, "contract_faults", lambda tables, descriptor: [])


@contextmanager
def soon():
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < LIMIT


def examine(folder, contract, touched=()):
    """Check a folder; every fault is well said, every file is sound or named, and what nobody touched is sound."""
    with soon():
        checked = check(folder, contract)
    for fault in checked.faults:
        assert fault.line >= 1 and fault.column >= 1, fault
        assert fault.file and fault.found and fault.expected and fault.fix, fault
        for name in ("text", "github"):
            assert FORMATS[name](fault).isprintable(), FORMATS[name](fault)
        assert json.loads(FORMATS["json"](fault))["message"] == fault.message
    named = {fault.file for fault in checked.faults}
    sound = {record.document.file for record in checked.model.records.values()}
    for kind in FOLDERS:
        for path in (folder / kind).glob("**/*"):
            assert shown_path(path) in named | sound or (path.is_dir() and not path.is_symlink()), path
    assert sound >= {shown_path(folder / file) for file in KEPT if file not in touched}
    return checked


def rules(checked):
    return {fault.rule for fault in checked.faults}


def test_the_small_folder_is_clean(small, contract):
    assert examine(small, contract).faults == []


# --- bytes -------------------------------------------------------------------------------------------------

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(f'*{a}' for _ in range(9))}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
RAW = {
    "bomb": (BOMB.encode(), "yaml-anchor"),
    "merge": (b"a: &a {b: c}\nd: {<<: *a}\n", "yaml-anchor"),
    "alias": (b"a: *nowhere\n", "yaml-anchor"),
    "itself": (b"&a a: *a\n", "yaml-anchor"),
    "tag": (b"title: !!python/object/apply:os.system [true]\n", "yaml-tag"),
    "tag of its own": (b"%TAG ! tag:example.org,2000:\n---\ntitle: !x y\n", "yaml-tag"),
    "binary": (b"title: !!binary aGk=\n", "yaml-tag"),
    "depth": (b"a: " + b"[" * 20000, "yaml-depth"),
    "depth of braces": (b"{a: " * 12000, "yaml-depth"),
    "depth of indentation": ("".join(" " * i + "a:\n" for i in range(300)).encode(), "yaml-depth"),
    "depth of dashes": (b"- " * 20000 + b"a", "yaml-depth"),
    "line": (b"title: " + b"x" * 10_000_000, "file-too-large"),
    "key": (b"x" * 60000 + b": y\n", None),
    "keys": ("".join(f"k{i}: x\n" for i in range(6000)).encode(), "unknown-key"),
    "near keys": ("".join(f"titel{i}: x\n" for i in range(5000)).encode(), "unknown-key"),
    "links": (b"see_also: [" + b", ".join(b"raj-2024-25-wtf-%d" % i for i in range(3000)) + b"]\n", "wrong-value"),
    "claims": (b"claims:\n" + b"- id: x\n" * 8000, "missing-key"),
    "colons": (b"a: " * 5000, "yaml"),
    "quote": (b'title: "never closed\n', "yaml"),
    "escape": (b'title: "a\\u202eb"\n', "invisible-character"),
    "escaped NUL": (b'title: "a\\0b"\n', "invisible-character"),
    "escaped return": (b'title: "a\\rb"\n', "invisible-character"),
    "escaped key": (b'"ti\\u200btle": a\n', "invisible-character"),
    "NUL": (b"title: a\x00b\n", "invisible-character"),
    "bell": (b"title: a\x07b\n", "invisible-character"),
    "bidi": ("title: a\u202eb\n".encode(), "invisible-character"),
    "filler": ("title: a\u3164b\n".encode(), "invisible-character"),
    "noncharacter": ("title: a\uffffb\n".encode(), "invisible-character"),
    "private": ("title: a\ue000b\n".encode(), "invisible-character"),
    "UTF-16": ("title: a\n".encode("utf-16"), "not-utf-8"),
    "UTF-32": ("title: a\n".encode("utf-32"), "not-utf-8"),
    "UTF-16 without mark": ("title: a\n".encode("utf-16-le"), "invisible-character"),
    "Latin-1": ("title: £\n".encode("latin-1"), "not-utf-8"),
    "surrogate": (b"title: \xed\xa0\x80\n", "not-utf-8"),
    "overlong": (b"title: \xc0\x80\n", "not-utf-8"),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbftitle: x\n", "invisible-character"),
    "directive": (b"%YAML 9.9\n---\na: b\n", "yaml"),
    "directives alone": (b"%YAML 1.1\n", "yaml"),
    "documents": (b"--- a\n--- b\n", "yaml-shape"),
    "nothing": (b"", "yaml-shape"),
    "comment": (b"# x\n", "yaml-shape"),
    "end": (b"...\n", "yaml"),
    "question": (b"? \n: \n? \n: \n", "key-twice"),
    "list as key": (b"? [a]\n: b\n", "yaml-key"),
    "text": (b"<!doctype html><script>alert(1)</script>", "yaml-shape"),
    "zip": (b"PK\x03\x04" + bytes(range(256)) * 9, None),
}  # fmt: skip


@pytest.mark.parametrize("raw,rule", RAW.values(), ids=RAW)
def test_bytes(small, contract, quick, raw, rule):
    (small / "cuts" / "hostile.yml").write_bytes(raw)
    checked = examine(small, contract)
    assert {f.file for f in checked.faults} == {shown_path(small / "cuts" / "hostile.yml")}
    assert rule is None or rule in rules(checked)
    assert len(checked.faults) <= 120


@settings(**SEARCH, max_examples=60)
@given(
    raw=st.binary(max_size=3000)
    | st.text(alphabet="ab:-[]{}\"'#&*!|>%@`,? \n\t\r\x00é\u202e", max_size=300).map(str.encode)
)
def test_random_bytes(small, contract, quick, raw):
    (small / "deals" / "hostile.yml").write_bytes(raw)
    assert examine(small, contract).errors


@pytest.mark.parametrize("file", [CUT, SURVEY])
def test_truncated(small, contract, quick, originals, file):
    """A file that breaks off anywhere is named, unless what is left is a whole record."""
    whole = originals[file].encode()
    for length in range(0, len(whole), len(whole) // 90):
        (small / file).write_bytes(whole[:length])
        examine(small, contract, [file])


@pytest.mark.parametrize(
    "change",
    [lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.replace(b"\n", b"\r\n"), lambda raw: raw.replace(b"\n", b"\r")],
)
def test_marks_and_line_ends_of_other_systems_are_fine(small, contract, quick, change):
    (small / CUT).write_bytes(change((small / CUT).read_bytes()))
    assert examine(small, contract).faults == []


@settings(**SEARCH, max_examples=120)
@given(
    file=st.sampled_from(KEPT),
    edits=st.lists(
        st.tuples(st.sampled_from(range(7)), st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=4
    ),
)
def test_edited(small, contract, quick, originals, file, edits):
    """Lines deleted, doubled, swapped, moved in or out, joined, inserted, or given a hostile value."""
    lines = originals[file].splitlines()
    for kind, a, b in edits:
        i, j, text = a % len(lines), b % len(lines), TEXTS[b % len(TEXTS)]
        if kind == 0 and len(lines) > 1:
            del lines[i]
        elif kind == 1:
            lines.insert(j, lines[i])
        elif kind == 2:
            lines[i], lines[j] = lines[j], lines[i]
        elif kind == 3:
            lines[i] = " " * (b % 5) + (lines[i].lstrip() if b % 2 else lines[i])
        elif kind == 4:
            lines[i : i + 2] = [" ".join(lines[i : i + 2])]
        elif kind == 5:
            lines.insert(i, text)
        else:
            lines[i] = lines[i].partition(":")[0] + ": " + text
    (small / file).write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    examine(small, contract, [file])
    (small / file).write_text(originals[file], encoding="utf-8")


# --- values ------------------------------------------------------------------------------------------------


FREE = {  # the fields that take any text
    "title", "summary", "notes", "note", "says", "publisher", "locator", "by", "unit_as_worded", "staff_group",
    "boundary", "baseline", "of", "asked", "asks", "fieldwork", "about",
}  # fmt: skip


def leaves(value, path=()):
    """Every path of a record to a value, with the value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value)] if isinstance(value, str) else [leaf for k, v in items for leaf in leaves(v, (*path, k))]


def put(record, path, value):
    """A copy of a record with another value at a path."""
    changed = here = copy.deepcopy(record)
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return changed


def write(path, record):
    """Write a record with every text in double quotes, and escaped where YAML wants it."""
    path.write_text(
        yaml.dump(record, Dumper=yaml.CSafeDumper, default_style='"', allow_unicode=True, width=10**6), encoding="utf-8"
    )


def filled(contract, originals, file):
    """A real record, with every free text filled in."""
    record = yaml.load(originals[file], yaml.CBaseLoader)
    shape = contract.shapes["survey" if file == SURVEY else "record"]
    statements = shape.keys["findings" if file == SURVEY else "claims"].items
    parts = [(record, shape)] + [(s, statements) for s in record.get("claims") or record["findings"]]
    parts += [(source, statements.keys["sources"].items) for s, _ in parts[1:] for source in s["sources"]]
    if "scope" in shape.keys:
        parts.append((record.setdefault("scope", {}), shape.keys["scope"]))
    for part, shape in parts:
        lacking = (k for k, below in shape.keys.items() if below.field and below.table != "sources")
        part |= {key: "x" for key in lacking if key in FREE and key not in part}
    return record


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("file", [CUT, SURVEY])
def test_everywhere(small, contract, quick, originals, file, text):
    """A hostile text in every value at once, then as every value's key and as a whole claim."""
    record = yaml.load(originals[file], yaml.CBaseLoader)
    everywhere = record
    for path, _ in leaves(record):
        everywhere = put(everywhere, path, text)
    write(small / file, everywhere)
    assert examine(small, contract, [file]).errors
    write(small / file, record | {text: text, "claims": text, "findings": [text], "scope": [text]})
    assert examine(small, contract, [file]).errors


@settings(**SEARCH, max_examples=150)
@given(file=st.sampled_from(KEPT), at=st.integers(0, 10**6), text=st.sampled_from(TEXTS) | st.text(max_size=50))
def test_anywhere(small, contract, quick, originals, file, at, text):
    """One value replaced."""
    record = yaml.load(originals[file], yaml.CBaseLoader)
    places = leaves(record)
    path, _ = places[at % len(places)]
    text = text.encode("utf-8", "replace").decode()
    write(small / file, put(record, path, text))
    checked = examine(small, contract, [file])
    assert opened(checked.tables) == []
    (small / file).write_text(originals[file], encoding="utf-8")


WRONG = {
    "value": (
        "1e309", "NaN", "sNaN", "Infinity", "0x10", "1_000", "١٢٣", "６００", "9" * 400, "1,000", "£5", "6e2",
        "600.", "+600", "10000000000001", "1.0000001",
    ),
    "date": (
        "0000", "0000-00-00", "2025-02-30", "2025-13", "9999-12-31", "1947", "٢٠٢٤", "2024-4", "24-04", "2024-04-31",
        "2024-04-01T00:00:00Z",
    ),
    "period": (
        "0000-01", "9999-00", "2024-26", "٢٠٢٤-٢٥", "2024-25 to 2023-24", "by 0000", "from 9999-12-31", "2024",
        "1066-67", "2025-02-30 to 2025-03-01",
    ),
    "url": (
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://[", "https://[::1", "https://a／b",
        "https://", "https:///x", "HTTPS://example.org", "ftp://example.org", "//example.org",
        'https://example.org/"x', "https://example.org/<x>", "https://exa mple.org",
    ),
    "accessed": ("2026", "2026-02-30", "٢٠٢٦-٠١-٠١", "2026-11-21T00:00"),
    "id": ("a b", "A", "а", "a/../b", "-a", "a-", "a--b", "x" * 61, "<a>"),
    "by_organisation": ("RАJ", "raj", "RAJ\u0301", "ＲＡＪ"),
}  # fmt: skip


@pytest.mark.parametrize("key", WRONG)
def test_wrong_values_are_named_where_they_stand(small, contract, quick, originals, key):
    record = yaml.load(originals[CUT], yaml.CBaseLoader)
    record["claims"][0]["period"] = "2024-25"
    path = next(path for path, _ in leaves(record) if path[-1] == key)
    for text in WRONG[key]:
        write(small / CUT, put(record, path, text))
        found = examine(small, contract, [CUT]).faults
        assert [f.rule for f in found] == ["wrong-value"], (text, found)
        line = (small / CUT).read_text(encoding="utf-8").splitlines()[found[0].line - 1]
        assert f'"{key}": ' in line, (text, line)


def test_minus_nothing_is_nothing():
    assert cell(number("-0")) == cell(number("-0.00")) == "0"


# --- formulas ----------------------------------------------------------------------------------------------

FORMULAS = (
    "=1+1",
    '=HYPERLINK("https://example.org")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-A1",
    "- a list",
    "--5",
    "＝1",
)
FIGURES = ("-£5m", "-5", "+3.2%", "-£5.2m a year", "+600 WTE", "–£5m", "5-6", "£-5m", "a=b", "'=1")


def opened(tables):
    """Cells of the published tables that a spreadsheet would take for a formula; a number is none."""
    cells = [
        (t.name, c, text)
        for t in tables.values()
        for row in t.rows
        for c, v in row.items()
        if isinstance(v, str)
        for text in [v]
    ]
    return [
        c for c in cells if re.match(r"[=@\t\r\n＝＠＋－]|[-+](?!\s*£?[\d.])|[-+].*[-+*/|!(=&^<>]", c[2], re.DOTALL)
    ]


def test_no_published_cell_opens_as_a_formula(checked):
    assert opened(checked.tables) == []


@pytest.mark.parametrize("file", [CUT, SURVEY])
def test_no_text_that_a_spreadsheet_takes_for_a_formula(small, contract, quick, originals, file):
    """Refused in every field of free text; a figure with its sign is none."""
    record = filled(contract, originals, file)
    texts = {path: value for path, value in leaves(record) if path[-1] in FREE and value}
    assert {path[-1] for path in texts} >= ({"title", "summary", "notes", "says", "publisher", "note"})
    for text in FORMULAS:
        changed = record
        for path in texts:
            changed = put(changed, path, text)
        write(small / file, changed)
        found = examine(small, contract, [file]).faults
        assert len([f for f in found if f.rule == "formula"]) == len(texts), text
    for text in FIGURES:
        write(small / file, put(record, ("summary",), text))
        assert examine(small, contract, [file]).faults == [], text


def test_registers_hold_no_formulas(small, contract, quick):
    path = small / "organisations.csv"
    path.write_text(re.sub(r"(?m)^RAJ,[^,]*", "RAJ,=1+1", path.read_text(encoding="utf-8")), encoding="utf-8")
    assert rules(examine(small, contract)) == {"formula"}


def test_what_is_only_text_passes_whole_and_as_it_is(small, contract, originals):
    """Markup and braces are text: they reach the tables unchanged, with the contract's layer in place."""
    text = '<script>alert(1)</script>"><img src=x onerror=b> {{7*7}} {% x %} [a](b) `c`'
    for file in (CUT, SURVEY):
        record = filled(contract, originals, file)
        for path, _ in leaves(record):
            if path[-1] in FREE - {"says", "of"} and "sources" not in path:
                record = put(record, path, text)
        write(small / file, record)
    checked = examine(small, contract)
    assert checked.faults == []
    for table, column in (
        ("records", "title"),
        ("records", "notes"),
        ("claims", "said_by"),
        ("claims", "note"),
        ("survey_findings", "asks"),
    ):
        assert text in {row[column] for row in checked.tables[table].rows}
    assert opened(checked.tables) == [] and "\r" not in "".join(map(to_csv, checked.tables.values()))


# --- files -------------------------------------------------------------------------------------------------


def test_names_folders_links_and_pipes(small, contract, quick, originals):
    """Everything that lies in a folder of records is read or named, whatever it is."""
    cuts, text = small / "cuts", originals[CUT]
    names = [
        "..%2f.yml",
        "raj-" + "a" * 240 + ".yml",
        "a\nb.yml",
        "\u202elmy.a",
        "а.yml",
        "a.yml.bak",
        ".yml",
        ".hidden.yml",
        "CON.yml",
        "a;b.yml",
        "::error::.yml",
        "a%0Ab.yml",
    ]
    for name in names:
        (cuts / name).write_text(text, encoding="utf-8")
    Path(os.fsdecode(os.fsencode(cuts) + b"/\xff\xfe.yml")).write_text(text, encoding="utf-8")
    (cuts / "folder.yml").mkdir()
    (cuts / "more").mkdir()
    (cuts / "more" / "inside.yml").write_text(text, encoding="utf-8")
    (cuts / "round.yml").symlink_to(cuts / "about.yml")
    (cuts / "about.yml").symlink_to(cuts / "round.yml")
    (cuts / "up").symlink_to(small)
    (cuts / "nowhere.yml").symlink_to(small / "nowhere")
    (cuts / "zero.yml").symlink_to("/dev/zero")
    os.mkfifo(cuts / "pipe.yml")
    (small / "cut").mkdir()
    (small / "cut" / "misplaced.yml").write_text(text, encoding="utf-8")
    (small / "stray.yaml").write_text(text, encoding="utf-8")
    checked = examine(small, contract)
    named = {f.file for f in checked.faults}
    for path in (cuts / "more" / "inside.yml", small / "cut" / "misplaced.yml", small / "stray.yaml"):
        assert shown_path(path) in named
    assert rules(checked) == {"file-name", "file-unreadable", "record-twice"}, "the long name is a name"


def test_a_folder_of_records_that_is_a_file_or_a_circle(small, contract, quick):
    shutil.rmtree(small / "deals")
    (small / "deals").write_text("x", encoding="utf-8")
    (small / "surveys" / "surveys").symlink_to(small / "surveys")
    assert "file-name" in rules(examine(small, contract, [KEPT[4]]))


def test_a_long_chain_and_a_long_circle(small, contract, quick, originals):
    for i in range(300):
        text = originals[CUT].replace(
            "organisation: RAJ\n", f"organisation: RAJ\npart_of: [raj-link-{(i + 1) % 300}]\n", 1
        )
        (small / "cuts" / f"raj-link-{i}.yml").write_text(
            text.replace("mechanism: vacancy", f"boundary: b{i}"), encoding="utf-8"
        )
    assert rules(examine(small, contract)) == {"link-circle"}


# --- registers ---------------------------------------------------------------------------------------------


def changes(text):
    """Hostile versions of a register's text."""
    head, *rows = text.splitlines()
    row = rows[0] if rows else head
    columns = head.count(",") + 1
    return {
        "empty": "",
        "blank": "\n\n\n",
        "head alone": head,
        "no head": "\n".join(rows),
        "other columns": text.replace(head, head.upper(), 1),
        "one column more": text.replace(head, head + ",more", 1),
        "columns swapped": text.replace(head, ",".join(reversed(head.split(","))), 1),
        "line break in the head": text.replace(head, f'"{head[:3]}\n\u2014"{head[3:]}', 1),
        "short row": text + "x\n",
        "long row": text + "x," * 99 + "\n",
        "row of nothing": text + "," * (columns - 1) + "\n",
        "row of texts": text + ",".join(["x y <b>"] * columns) + "\n",
        "row of line breaks": text + ",".join(['"x\n::error::y"'] * columns) + "\n",
        "row of formulas": text + ",".join(["=1+1"] * columns) + "\n",
        "row of digits": text + ",".join(["١"] * columns) + "\n",
        "row of nulls": text + ",".join(["\x00"] * columns) + "\n",
        "row of bidi": text + ",".join(["\u202e"] * columns) + "\n",
        "twice": text + row + "\n",
        "quote": text + '"open',
        "quote inside": text + 'a"b"c,' * columns + "\n",
        "quoted whole": '"' + text.replace('"', '""') + '"',
        "long cell": text + "x" * 200_000 + "," * (columns - 1) + "\n",
        "many rows": text + "x\n" * 200_000,
        "Latin-1": text.encode() + b"\xa3",
        "UTF-16": text.encode("utf-16"),
        "large": b"x" * 5_000_000,
        "YAML": "a: b\n",
    }  # fmt: skip


@pytest.mark.parametrize("name", REGISTERS)
def test_registers(small, contract, quick, name):
    path = small / f"{name}.csv"
    used = (
        () if name.startswith("founding") or name == "organisation_links" else KEPT
    )  # records are unsound without them
    for label, text in changes(path.read_text(encoding="utf-8")).items():
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        checked = examine(small, contract, used)
        expected = label not in ("head alone", "twice") and not (label == "no head" and name == "founding_claims")
        assert not expected or shown_path(path) in {f.file for f in checked.faults}, label


@pytest.mark.parametrize(
    "name,old,new",
    [
        ("organisations", r"^RAJ(,.*?,.*?,.*?,.*?,.*?,.*?,.*?,)[^,]*", r"RAJ\1RAJ"),  # its own parent
        ("organisations", r"^RAJ,", "R J,"),
        ("organisations", r"^RAJ(,[^,]*),[^,]*", r"RAJ\1,nothing"),
        ("measures", r"^wte_removed,cut,wte", "wte_removed,cut,parsecs"),
        ("measures", r"^wte_removed,cut", "wte_removed,cup"),
        ("measures", r"^wte_removed", "wte-removed"),
        ("measures", r"^(wte_removed,.*?,.*?,.*?),true", r"\1,perhaps"),
        ("measures", r"^(wte_removed,.*?,.*?,.*?),true", r"\1,false"),
        ("qualifiers", r"^about,true,false,false", "about,,,"),
        ("qualifiers", r"^about,true,false,false", "about,0,1,2"),
        ("qualifiers", r"^about,", "About,"),
        ("stages", r"^cut,planned,3", "cut,planned,١"),
        ("stages", r"^deal,", "deals,"),
        ("stages", r"^deal,\w+", "deal,given"),
        ("units", r"^wte,", "WTE ,"),
        ("organisation_types", r"^trust,organisation", "trust,galaxy"),
        ("mechanisms", r"^vacancy,.*?,true", "vacancy,vacant posts,maybe"),
        ("statuses", r"^under_way", "underway"),
    ],
)
def test_a_register_s_row_that_records_use(small, contract, quick, name, old, new):
    path = small / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert re.search(old, text, re.MULTILINE), "choose another example"
    path.write_text(re.sub(old, new, text, flags=re.MULTILINE), encoding="utf-8")
    examine(small, contract, KEPT)


def test_a_register_that_is_no_file_is_not_replaced_by_another(small, contract, quick):
    (small / "measures.csv").unlink()
    (small / "measures.csv").mkdir()
    (small / "units.csv").unlink()
    (small / "units.csv").symlink_to(small / "nowhere")
    found = examine(small, contract, KEPT).faults
    assert {f.file for f in found if f.rule == "file-unreadable"} == {
        shown_path(small / f"{n}.csv") for n in ("measures", "units")
    }


def test_released_tables_with_other_columns(small, contract, quick):
    (small / "tables").mkdir()
    for name in ("records", "claims", "survey_findings"):
        (small / "tables" / f"{name}.csv").write_text('id,"x\ny"\n1,2,3\n4\n', encoding="utf-8")
    assert rules(examine(small, contract)) == {"record-lost"}


# --- the command -------------------------------------------------------------------------------------------


def test_the_command_says_it_all_on_lines_of_their_own(small, originals):
    """Everything at once, as a contributor and as a workflow meets it."""
    for i, (raw, _) in enumerate(RAW.values()):
        (small / "cuts" / f"hostile-{i}.yml").write_bytes(raw)
    record = yaml.load(originals[CUT], yaml.CBaseLoader)
    for i, text in enumerate(TEXTS):
        write(
            small / "deals" / f"hostile-text-{i}.yml",
            dict.fromkeys(record, text) | {"claims": [dict.fromkeys(record["claims"][0], text)]},
        )
    (small / "cuts" / "a\n::error::b.yml").write_text("x", encoding="utf-8")
    os.mkfifo(small / "surveys" / "pipe.yml")
    files = {shown_path(p) for kind in FOLDERS for p in (small / kind).glob("*") if f"{kind}/{p.name}" not in KEPT}
    for form in FORMATS:
        with soon():
            result = run("check.py", "--data", small, "--format", form)
        assert result.returncode == 1 and "Traceback" not in result.stderr
        lines = result.stdout.removesuffix("\n").split("\n")
        assert len(lines) > len(files)
        if form == "json":
            assert {json.loads(line)["file"] for line in lines} == files
        else:
            start = "::error file=" if form == "github" else small.as_posix()
            assert [line for line in lines if not line.isprintable() or not line.startswith(start)] == []
