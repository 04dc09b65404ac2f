"""A Markdown extension: a table or list in HTML passes through unread, as the templates put no Markdown into one."""

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

_BLOCK = re.compile(r"^<(table|ul|ol|dl)\b.*?^</\1>$", re.M | re.S)
_AFTER_ANCHORS, _BEFORE_HTML = 21, 20  # MkDocs collects ids at 21, Markdown takes HTML apart at 20


class _Blocks(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        keep = self.md.htmlStash.store
        return _BLOCK.sub(lambda block: f"\n\n{keep(block[0])}\n\n", "\n".join(lines)).split("\n")


class Blocks(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Blocks(md), "blocks", (_AFTER_ANCHORS + _BEFORE_HTML) / 2)


def makeExtension(**options: object) -> Blocks:
    return Blocks(**options)
