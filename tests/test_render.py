"""Figures, dates and escaping as pages show them."""

from decimal import Decimal
from html import unescape

import markdown
import pytest

from pipeline import render
from pipeline.render import day, environment, front_matter, href, period, plain, verbatim

HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](http://x/y.png)",
    "<http://x.org>",
    "a | b",
    "{{ 7*7 }}",
    "{% raw %}",
    "{#c#}",
    "**bold** _em_ `code` ~~s~~ ^^",
    "# title",
    "- item",
    "+ item",
    "1. item",
    "10) item",
    " - item",
    " 2. item",
    "> quote",
    "===",
    "---",
    ": term",
    "!!! note",
    "*[HTML]: x",
    "[^1]: note",
    "{: .x }",
    "&lt;b&gt;",
    "\\<b>",
    "http://x.org",
    "x\n\n    code\n",
    "“ok” £1",
]


def figures():
    units = {unit: {"name": name} for unit, name in (("posts", "posts"), ("wte", "WTE"), ("times", "times"))}
    measures = {
        "deficit": {"positive_means": "a larger deficit; a surplus is negative"},
        "posts_removed": {"positive_means": "fewer posts"},
    }
    rows = (
        ("exact", ""),
        ("about", "about"),
        ("more_than", "more than"),
        ("nearly", "nearly"),
        ("between", ""),
        ("unquantified", ""),
    )
    qualifiers = {
        q: {"prefix": prefix, "low": q in ("more_than", "between"), "high": q in ("nearly", "between")}
        for q, prefix in rows
    }
    return render.Figures(units, measures, qualifiers)


def number(value):
    return None if value is None else Decimal(value)


@pytest.mark.parametrize(
    ("qualifier", "value", "low", "high", "unit", "measure", "shown"),
    [
        ("about", 600, None, None, "wte", "wte_removed", "about 600 WTE"),
        ("more_than", None, 2300, None, "posts", "posts_removed", "more than 2,300 posts"),
        ("nearly", None, None, 6_000_000_000, "GBP", "deficit", "nearly £6bn"),
        ("between", None, 4_500_000_000, 5_000_000_000, "GBP", "deficit", "£4.5bn to £5bn"),
        ("exact", "18.76", None, None, "GBP_per_head", "x", "£18.76 a head"),
        ("exact", 50, None, None, "percent", "x", "50%"),
        ("exact", -5_000_000, None, None, "GBP", "deficit", "−£5m (surplus)"),
        ("exact", 0, None, None, "GBP", "deficit", "£0"),
        ("unquantified", None, None, None, "posts", "posts_removed", ""),
    ],
)
def test_a_figure_keeps_its_qualifier_and_bounds(qualifier, value, low, high, unit, measure, shown):
    row = {
        "qualifier": qualifier,
        "value": number(value),
        "low": number(low),
        "high": number(high),
        "unit": unit,
        "measure": measure,
    }
    assert figures().claim(row) == shown


@pytest.mark.parametrize(
    ("low", "high", "about", "shown"),
    [
        (5, 5, False, "5 posts"),
        (5, 5, True, "about 5 posts"),
        (5, None, True, "at least 5 posts"),
        (None, 7, False, "at most 7 posts"),
        (0, 18000, False, "up to 18,000 posts"),
        (5, 7, False, "5 to 7 posts"),
        (0, 0, False, "0 posts"),
        (None, None, False, "no bound known"),
    ],
)
def test_a_total_is_an_interval(low, high, about, shown):
    assert figures().interval(number(low), number(high), "posts", about) == shown


def test_dates_and_periods_are_said_as_precisely_as_they_are_known():
    assert [day("2025-03-01"), day("2025-03"), day("2025"), day(None)] == ["1 March 2025", "March 2025", "2025", ""]
    assert period("2024-25") == "2024-25"
    assert period("2024-25 to 2026-27") == "2024-25 to 2026-27"
    assert period("by 2025-12-31") == "by 31 December 2025"
    assert period("from 2025-04") == "from April 2025"
    assert period("2025-09 to 2025-09") == "September 2025"
    assert period("2025-04-01 to 2025-12-31") == "1 April 2025 to 31 December 2025"
    assert period(None) == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup_in_markdown(text):
    """Markdown makes of escaped text one paragraph, without an element in it, that reads as the text did."""
    html = markdown.markdown(plain(text), extensions=["attr_list", "tables", "toc", "fenced_code"])
    assert html.startswith("<p>") and html.endswith("</p>")
    inside = html[3:-4]
    assert "<" not in inside
    assert unescape(inside).strip() == " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_leaves_an_attribute_or_a_list_item(text):
    """The same in a heading, a list item, and an attribute of a block of HTML."""
    html = markdown.markdown(
        f'# {plain(text)}\n\n- {plain(text)}\n\n<p title="{plain(text)}">{plain(text)}</p>\n',
        extensions=["attr_list", "tables"],
    )
    assert html.count("<") == 8  # h1, ul, li and p, opened and closed
    assert " ".join(unescape(html.split('title="')[1].split('"')[0]).split()) == " ".join(text.split())


@pytest.mark.parametrize("text", [*HOSTILE, "TY  - DATA\nER  - \n\n    code </pre>"])
def test_verbatim_text_keeps_its_lines_and_is_no_markup(text):
    html = markdown.markdown(f"<details><pre>{verbatim(text)}</pre></details>", extensions=["attr_list", "tables"])
    assert html.count("<") == 4 and unescape(html.split("<pre>")[1].split("</pre>")[0]) == text


def test_templates_escape_what_they_print():
    env = environment()
    assert (
        env.from_string("{{ x }}|{{ 'a' ~ x }}|{{ x | day }}").render(x="<b>*")
        == "&#60;b&#62;&#42;|a&#60;b&#62;&#42;|&#60;b&#62;&#42;"
    )


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "//x.org/a",
        "/etc/passwd",
        "",
        None,
        "vbscript:x",
        "java\nscript:alert(1)",
        "https:x",
        "http://[bad",
    ],
)
def test_only_addresses_of_the_web_become_links(url):
    assert href(url) == ""


def test_an_address_of_the_web_stays_as_it_is():
    assert href("https://example.org/a?b=c&d=(e)#f") == "https://example.org/a?b=c&d=(e)#f"


def test_a_title_cannot_break_out_of_the_head_of_a_page():
    head = front_matter('A "b": </title><script>x</script>\n---\nevil: 1', "d")
    assert "<" not in head and head.splitlines().count("---") == 2 and len(head.splitlines()) == 6
