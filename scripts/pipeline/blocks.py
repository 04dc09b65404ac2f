"""A Markdown extension: a table or list in HTML passes through unread, as the templates put no Markdown into one."""

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

_BLOCK = re.compile(r"^<(table|ul|ol|dl)\b.*?^</\1>$", re.M | re.S)
_FIRST = 22  # MkDocs reads the HTML for ids at 21, Markdown takes it apart at 20; a test follows every link


class _Blocks(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        keep = self.md.htmlStash.store
        return _BLOCK.sub(lambda block: f"\n\n{keep(block[0])}\n\n", "\n".join(lines)).split("\n")


class Blocks(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Blocks(md), "blocks", _FIRST)


def makeExtension(**options: object) -> Blocks:
    return Blocks(**options)
