"""What the documentation site needs of its pages beyond Markdown (hooks of MkDocs, see ``mkdocs.yml``).

Chinese lines are joined without a blank, since a browser would show the end of a line of the source as one; options of a command and
short names are not parted at their hyphens; formulas become MathML, which browsers draw themselves, without a script; among Chinese pages
it is said which are in English only, before and after one opens them; the search of the theme looks up Chinese words to their end; the
numbers of gases stand low; and beside each page lies a list of pages, which the theme asks for when it opens one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any, Final

HAN: Final = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’…—"
JOINED: Final = re.compile(rf"(?<=[{HAN}])\n[ \t]*(?=[{HAN}])")
BOLD: Final = re.compile(rf"([。？！：；，])\*\* (?=[{HAN}]|\Z)")
"""A bold start that ends with a Chinese sign, before text or code: the blank that other readers of Markdown need is not to be seen."""
BEFORE: Final = re.compile(
    rf"(?<=[。？！：；，、）”])\n[ \t]*(?=\*\*[{HAN}]|\[|(?!\d+\.\s)\w)|(?<=[{HAN}])\n[ \t]*(?=\[[{HAN}])"
)
"""The end of a line between a Chinese sign and a bold start, a link, or a word or number of another script; between Chinese and a link."""
LAST: Final = re.compile(r"(?<=[。？！：；，、）”（])\n[ \t]*\Z")
"""The end of a line after a Chinese sign, where code follows within the sentence."""
DISPLAYED: Final = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE: Final = re.compile(r"(?<![\\$\w])\$([^$\n]+?)\$(?![\w$])")
CODE: Final = re.compile(r"<code>.*?</code>", re.DOTALL)
TEXT: Final = re.compile(r"(?<=>)[^<]+")
OPTION: Final = re.compile(r"(?<![^\s/])(?:(?=[^\s/]*-)[^\s/]{2,32}(?![^\s/])|--?\w[\w-]*|\{[{%] [^{}]+ [%}]\})")
"""What stays on one line: a short name with hyphens (of a path each part), an option, a place of a template."""
LONG: Final = re.compile(r"\S{20,}")
WITHIN: Final = re.compile(r"(?<=\w[/:])(?=\w)")
"""Where a long path or id may be parted."""
ROWS: Final = re.compile(r'<div class="language-text highlight">.*?</div>', re.DOTALL)
"""What may be rows of a file, which on a telephone are parted after a comma."""
COMMA: Final = re.compile(r"(?<=[^\s\d],)(?=\S)|(?<=\S,)(?=[^\s\d])")
"""After a comma without a blank that is not one of a number."""
LINK: Final = re.compile(r'<a href="([^":#]+\.html)(#[^"]*)?">')
ARTICLE: Final = '<article class="md-content__inner md-typeset"'
BOTH: Final = ("reference/cli.md", "methods/reference/")
"""Pages of which each sentence is in both languages."""
TITLE: Final = "</h1>"
ENGLISH: Final = '<p class="english-only" lang="zh-CN">本页只有英文。</p>'
GAS: Final = re.compile(r"(?<![A-Za-z0-9_-])(?:t?CO2(?:e(?:q)?)?|CH4|N2O|SF6|NF3|CF4|C2F6)(?![A-Za-z0-9_]|-\w+-)")
"""A formula of a gas among words; a name with hyphens is an id."""
KEPT: Final = re.compile(r"(<(code|pre|script|style|math|svg|title)\b.*?</\2>|<[^>]+>)", re.DOTALL)
"""What is written as one types it, and what is not text."""
LOWERED: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
WORDS: Final = re.compile(r"(for\(let o=s\+1;o)<=?t\.length")
"""The end of the words that the theme tries of a Chinese query, or where it is mended already."""
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
    return BOLD.sub(r"\1**", BEFORE.sub("", JOINED.sub("", "\n".join(kept))).replace("\0", ""))


def chinese(text: str) -> str:
    """Return a Chinese page whose lines are joined, within its text and before its code."""
    made = [part if code else joined(part) for part, code in parts(text)]
    for number in range(0, len(made) - 1, 2):
        if not made[number + 1].lstrip().startswith("```"):
            made[number] = LAST.sub("", made[number])
    return "".join(made)


def drawn(text: str) -> str:
    """Return text whose formulas between dollars are MathML."""
    from latex2mathml.converter import convert

    text = DISPLAYED.sub(
        lambda found: f'\n\n<div class="formula">{convert(" ".join(found[1].split()), display="block")}</div>\n\n', text
    )
    return INLINE.sub(lambda found: convert(found[1]), text)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Mend a page before it is set."""
    if page.file.src_uri.endswith(".zh-CN.md"):
        markdown = chinese(markdown)
    if "$$" not in markdown:
        return markdown
    return "".join(part if code else drawn(part) for part, code in parts(markdown))


def whole(html: str) -> str:
    """Return a page in which options of commands and short names stay whole, and long ones are parted between their parts only."""

    def parted(text: re.Match[str]) -> str:
        return LONG.sub(lambda word: WITHIN.sub("<wbr>", word[0]), text[0])

    def marked(text: re.Match[str]) -> str:
        return OPTION.sub(r"<span class=option>\g<0></span>", text[0])

    def rows(block: re.Match[str]) -> str:
        return TEXT.sub(lambda text: COMMA.sub("<wbr class=comma>", text[0]), block[0])

    return ROWS.sub(rows, CODE.sub(lambda code: TEXT.sub(marked, TEXT.sub(parted, code[0])), html))


def in_english(file: Any) -> bool:
    """Tell whether a file of the Chinese site stands in English, for want of a translation."""
    translated = file.locale == "zh-CN" or file.src_uri.startswith(BOTH)
    return bool(file.is_documentation_page() and file.locale_alternate_of == "zh-CN" and not translated)


def told(html: str, url: str, english: set[str]) -> str:
    """Return a Chinese page whose links to pages in English say so (`site.css` writes the word)."""

    def marked(link: re.Match[str]) -> str:
        target = normpath(join(dirname(url), link[1]))
        return link[0].replace("<a ", '<a class="english" hreflang="en" ', 1) if target in english else link[0]

    return LINK.sub(marked, html)


def on_env(env: Any, files: Any, **_: Any) -> Any:
    """Say in the navigation which pages of the Chinese site are in English, once their names are translated."""
    for file in files.documentation_pages():
        if in_english(file) and (file.page.previous_page or file.page.next_page):
            file.page.title = f"{file.page.title}（英文）"
    return env


def on_page_content(html: str, page: Any, files: Any, **_: Any) -> str:
    """Mend a page once it is set."""
    if page.file.locale == "zh-CN":
        html = told(html, page.url, {file.url for file in files.documentation_pages() if in_english(file)})
    return whole(html)


def lowered(html: str) -> str:
    """Return a page in which the numbers of gases stand low, as in the portal, apart from code and from the names of data."""
    parts = KEPT.split(html)
    # of three parts in turn: text, what is kept, its element
    parts[::3] = [GAS.sub(lambda gas: gas[0].translate(LOWERED), text) for text in parts[::3]]
    return "".join(part or "" for number, part in enumerate(parts) if number % 3 != 2)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Set gases and say of a page that it is in English; the search, which leaves out what two languages share, has read it before."""
    if not page.file.src_uri.startswith("reference/"):
        output = lowered(output)
    if not in_english(page.file):
        return output
    return output.replace(ARTICLE, f'{ARTICLE} lang="en"', 1).replace(TITLE, TITLE + ENGLISH, 1)


def on_post_build(config: Any, **_: Any) -> None:
    """Lay a list of pages, without any, beside the pages of each folder."""
    for folder in {page.parent for page in Path(config["site_dir"]).rglob("*.html")}:
        (folder / "sitemap.xml").write_text(EMPTY, encoding="utf-8")
    (Path(config["site_dir"]) / "sitemap.xml.gz").unlink(missing_ok=True)
    for worker in (Path(config["site_dir"]) / "assets" / "javascripts" / "workers").glob("search.*.min.js"):
        worker.write_text(whole_words(worker.read_text(encoding="utf-8")), encoding="utf-8")


def whole_words(worker: str) -> str:
    """Return the search of the theme such that a Chinese query keeps its last sign: 水泥 is looked up as a word, not as 水."""
    found = WORDS.search(worker)
    if found is None:
        raise ValueError("the theme parts Chinese queries in another way: see whether whole_words is still needed")
    return worker.replace(found[0], f"{found[1]}<=t.length")
