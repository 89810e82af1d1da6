"""What the documentation site needs of its pages beyond Markdown (hooks of MkDocs, see ``mkdocs.yml``).

Chinese lines are joined without a blank, since a browser would show the end of a line of the source as one; options of a command are not
parted at their hyphens; formulas become MathML, which browsers draw themselves, without a script; and beside each page lies a list of
pages, which the theme asks for when it opens one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

HAN: Final = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’…—"
JOINED: Final = re.compile(rf"(?<=[{HAN}])\n[ \t]*(?=[{HAN}])")
BOLD: Final = re.compile(rf"([。？！：；，])\*\* (?=[{HAN}])")
"""A bold start that ends with a Chinese sign: the blank that other readers of Markdown need is not to be seen."""
DISPLAYED: Final = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE: Final = re.compile(r"(?<![\\$\w])\$([^$\n]+?)\$(?![\w$])")
CODE: Final = re.compile(r"<code>([^<]+)</code>")
OPTION: Final = re.compile(r"(?<!\S)--?\w[\w-]*")
EMPTY: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>\n'
)


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Give the parts of a page in their order, and whether each is code: a fenced block, or words between backticks."""
    for number, part in enumerate(
        re.split(r"(^[ \t]*```.*?^[ \t]*```[^\n]*$|`[^`\n]+`)", text, flags=re.DOTALL | re.MULTILINE)
    ):
        yield part, number % 2 == 1


def joined(text: str) -> str:
    """Return Chinese text whose lines are joined; headings and tables keep theirs."""
    lines = text.split("\n")
    kept = [f"{line}\0" if line.startswith(("#", "|", ">")) else line for line in lines]
    return BOLD.sub(r"\1**", JOINED.sub("", "\n".join(kept)).replace("\0", ""))


def drawn(text: str) -> str:
    """Return text whose formulas between dollars are MathML."""
    from latex2mathml.converter import convert

    text = DISPLAYED.sub(
        lambda found: f'\n\n<div class="formula">{convert(" ".join(found[1].split()), display="block")}</div>\n\n', text
    )
    return INLINE.sub(lambda found: convert(found[1]), text)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Mend a page before it is set."""
    chinese = page.file.src_uri.endswith(".zh-CN.md")
    formulas = "$$" in markdown
    made = []
    for part, code in parts(markdown):
        changed = part if code else joined(part) if chinese else part
        made.append(drawn(changed) if formulas and not code else changed)
    return "".join(made)


def whole(html: str) -> str:
    """Return a page in which the options of commands stay whole where a line ends."""

    def marked(code: re.Match[str]) -> str:
        return "<code>" + OPTION.sub(r"<span class=option>\g<0></span>", code[1]) + "</code>"

    return CODE.sub(marked, html)


def on_page_content(html: str, **_: Any) -> str:
    """Mend a page once it is set."""
    return whole(html)


def on_post_build(config: Any, **_: Any) -> None:
    """Lay a list of pages, without any, beside the pages of each folder."""
    for folder in {page.parent for page in Path(config["site_dir"]).rglob("*.html")}:
        (folder / "sitemap.xml").write_text(EMPTY, encoding="utf-8")
    (Path(config["site_dir"]) / "sitemap.xml.gz").unlink(missing_ok=True)
