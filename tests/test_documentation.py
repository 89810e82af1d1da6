"""Pages of the documentation are read alike by the repository's host and by the site: lists stay lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    str(page.relative_to(ROOT))
    for page in (ROOT / "docs").rglob("*.md")
    if "reference" not in page.parts and not page.name.startswith("answer-book")
)
ITEM = re.compile(r"([-*+]|\d+\.)\s")
INSIDE = (" ", "#", "|", ">")
"""What a line begins with that a list may follow: a part of an item, a heading, a table, a quotation."""


def torn_lists(text: str) -> list[str]:
    """Return lines that begin an item right under a paragraph, and blocks of an item that are indented by less than the site asks for."""
    found, fenced, block, before = [], False, False, ""
    for line in text.splitlines():
        code = fenced
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and ITEM.match(line) and before.strip() and not ITEM.match(before):
            found += [line] * (block or not before.startswith(INSIDE))
        if not code and re.match(r" {1,3}\S", line) and (not before.strip() or ITEM.match(line.lstrip())):
            found.append(line)
        if not before.strip():
            # a block of its own inside an item, under which the next item needs an empty line
            block = line.startswith(" ")
        before = line
    return found


@pytest.mark.parametrize("page", PAGES)
def test_lists_stay_lists_on_the_site(page: str) -> None:
    """A list needs an empty line before it, and four blanks before what belongs to an item (Python-Markdown)."""
    assert torn_lists((ROOT / page).read_text(encoding="utf-8")) == []


def test_a_torn_list_is_found() -> None:
    assert torn_lists("A sentence.\n- an item\n") == ["- an item"]
    assert torn_lists("1. an item\n\n   ```\n   code\n") == ["   ```"]
    assert torn_lists("1. an item\n\n    a block of it\n2. another\n") == ["2. another"]
    assert torn_lists("1. an item:\n   - a part\n") == ["   - a part"]
    assert torn_lists("1. an item\n   goes on\n\n    code of it\n\n- another\n") == []


def test_the_picture_of_the_architecture_has_every_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "tanlu").glob("*/__init__.py")} - {
        "library",
        "messages",
        "provinces",
    }
    drawn = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")
    assert [room for room in sorted(rooms) if not re.search(rf"\b{room}\b", drawn)] == []


def test_an_option_of_a_command_stays_whole() -> None:
    from tools.site_pages import whole

    kept = "<code>tanlu run <span class=option>--seed-of</span> 7 <span class=option>a-b.csv</span> /</code>"
    assert whole("<code>tanlu run --seed-of 7 a-b.csv /</code>") == kept
    assert whole("<pre><code><i>--out</i> {{ a }}</code></pre> -x") == (
        "<pre><code><i><span class=option>--out</span></i> <span class=option>{{ a }}</span></code></pre> -x"
    )
    assert whole("<code>docs/examples/a-b.csv</code>") == (
        "<code>docs/<wbr>examples/<wbr><span class=option>a-b.csv</span></code>"
    )


def test_a_row_of_a_file_is_parted_after_its_commas() -> None:
    from tools.site_pages import whole

    block = '<div class="language-text highlight"><pre><code>a,2024,b <i>1,014,035 t, c</i></code></pre></div>'
    assert whole(f"{block}<code>d,e</code>") == (
        block.replace("a,2024,b", "a,<wbr class=comma>2024,<wbr class=comma>b") + "<code>d,e</code>"
    )


def test_chinese_lines_are_joined_on_the_site_and_code_is_left_alone() -> None:
    from tools.site_pages import chinese, joined, parts

    assert chinese("改法；\n`a` 求解。\n**一** 是\n`b`：\n```sh\nc\n```\n") == (
        "改法；`a` 求解。**一** 是\n`b`：\n```sh\nc\n```\n"
    )
    assert joined("监测说明\n昨天的排放。\n\n- 一项，\n  续写") == "监测说明昨天的排放。\n\n- 一项，续写"
    assert joined("## 标题\n正文与 Parquet\n文件") == "## 标题\n正文与 Parquet\n文件"
    assert joined("**一个早晨。** 监测") == "**一个早晨。**监测"
    assert joined("各页在\n[说明](a.md)里；\nMQTT 和\n1. 一") == "各页在[说明](a.md)里；MQTT 和\n1. 一"
    assert [part for part, code in parts("文 `a\u4e00b`\n```\n一\n二\n```\n") if code] == [
        "`a\u4e00b`",
        "```\n一\n二\n```",
    ]


def test_numbers_of_gases_stand_low_but_in_code() -> None:
    from tools.site_pages import lowered

    page = '<h2 id="co2">CO2 [t]</h2><p>t CO2e, CO2-equivalent, CH4<sup>N2O</sup> <code>t CO2</code> wastewater-n2o</p>'
    assert lowered(page) == (
        '<h2 id="co2">CO₂ [t]</h2><p>t CO₂e, CO₂-equivalent, CH₄<sup>N₂O</sup> <code>t CO2</code> wastewater-n2o</p>'
    )
    assert lowered('<a title="CO2">CO2-a-b</a><pre>N2O\n<b>CH4</b></pre>') == (
        '<a title="CO2">CO2-a-b</a><pre>N2O\n<b>CH4</b></pre>'
    )


def test_a_chinese_page_says_which_links_lead_to_english_ones() -> None:
    from tools.site_pages import told

    page = '<a href="../methods/wedges.html#limits">甲</a> <a href="audit.html">乙</a> <a href="https://a.html">丙</a>'
    assert told(page, "zh-CN/guides/a.html", {"zh-CN/methods/wedges.html"}) == page.replace(
        "<a ", '<a class="english" hreflang="en" ', 1
    )


def test_the_search_of_the_site_keeps_the_last_sign_of_a_chinese_word() -> None:
    from tools.site_pages import whole_words

    mended = "for(let o=s+1;o<=t.length;o++)t.slice(s,o)"
    assert whole_words("for(let o=s+1;o<t.length;o++)t.slice(s,o)") == mended == whole_words(mended)
    with pytest.raises(ValueError, match="whole_words"):
        whole_words("another search")


@pytest.mark.parametrize(("scheme", "paper"), [("default", "#ffffff"), ("slate", "#1e2129")])
def test_links_of_the_site_are_seen_in_both_themes(scheme: str, paper: str) -> None:
    """The paper of the dark theme is hsl(225, 15 %, 14 %)."""
    from tanlu.charts.colour import contrast

    style = (ROOT / "docs" / "stylesheets" / "site.css").read_text(encoding="utf-8")
    block = style.split(f'[data-md-color-scheme="{scheme}"] {{')[1].split("}")[0]
    colours = re.findall(r"#[0-9a-f]{6}", block)
    assert colours and min(contrast(colour, paper) for colour in colours) >= 4.5
