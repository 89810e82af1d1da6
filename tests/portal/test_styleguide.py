"""The living page of components: nothing is missing from it, and what it shows is what the code beside it makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tanlu.core.messages import catalogue
from tanlu.portal.rendering import FOLDER
from tanlu.portal.styleguide import EXAMPLES, MACROS


def macros_of(template: str) -> set[str]:
    """Macros of a template as its text names them, those inside of others left out."""
    text = (FOLDER / "templates" / template).read_text(encoding="utf-8")
    depth, found = 0, set()
    for begin, name in re.findall(r"{%-?\s*(macro|endmacro)\b\s*(\w*)", text):
        if begin == "macro":
            found |= {name} if depth == 0 else set()
            depth += 1
        else:
            depth -= 1
    return found


@pytest.mark.parametrize("template", MACROS)
def test_every_macro_is_shown_with_its_code_and_its_use_in_both_languages(client: TestClient, template: str) -> None:
    assert set(EXAMPLES[template]) == macros_of(template)
    for prefix, language in (("", "zh"), ("/en", "en")):
        page = client.get(f"{prefix}/styleguide").text
        for name in macros_of(template):
            part = page.split(f'id="macro-{name}"', 1)[1].split('class="example"', 1)[0]
            assert catalogue()[f"portal.styleguide.use.{name}"][language].replace("'", "&#39;") in part
            assert f"{name}(" in part
            shown = part.split("</pre>", 1)[1]
            assert re.search(r"<(span|form|nav|header|div|section|ul|p|details|table)", shown), name


def test_shared_macros_are_told_apart_from_those_of_one_page() -> None:
    """Templates that several pages import from and that are not shown belong to one group of pages, named before ``_macros``."""
    templates = {path.name for path in Path(FOLDER / "templates").glob("*macros.html")}
    assert templates - set(MACROS) == {"energy_macros.html", "monitor_macros.html", "public_macros.html"}


def test_tokens_stand_with_what_is_computed_from_them(client: TestClient) -> None:
    """Ink on card: 14.8 in the light theme, 13.4 in the dark one (W3C's formula, reckoned by hand from the relative luminances)."""
    page = client.get("/en/styleguide").text
    rows = re.findall(r'<th scope="row">ink on card</th>.*?<td class="right">([\d.]+)</td>', page, re.S)
    assert rows == ["14.8", "13.4"]


def test_a_workspace_without_a_run_has_the_page_too(tmp_path: Path) -> None:
    from tanlu.portal import create_app

    assert TestClient(create_app(tmp_path)).get("/styleguide").status_code == 200
