"""Every method that a lineage can name has a page that explains it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tanlu.core.factors import Factor
from tanlu.core.messages import catalogue
from tanlu.core.province import load_province, province_folder

PAGES = sorted((Path(__file__).parents[1] / "docs" / "methods").rglob("*.md"))
ACCOUNTING = {
    "combustion", "cement", "glass-and-fluxes", "lead-zinc", "coal-methane", "agriculture", "forest", "purchased-electricity",
    "years-without-data", "uncertainty", "reconciliation", "uncertainty-approaches", "key-categories", "quality-control",
    "prefecture-inventories", "recalculation",
}  # fmt: skip


def texts() -> dict[str, str]:
    return {page.stem: page.read_text(encoding="utf-8") for page in PAGES}


def test_every_method_of_the_catalogue_has_a_page() -> None:
    """A page names the lineage id ``method:<slug>``."""
    named = set(re.findall(r"`method:([a-z0-9-]+)`", "\n".join(texts().values())))
    slugs = {k.split(".")[1] for k in catalogue() if k.startswith("method.") and k.endswith(".name")}
    assert slugs and slugs - named == set()


def test_no_page_names_a_method_that_does_not_exist() -> None:
    slugs = {k.split(".")[1] for k in catalogue() if k.startswith("method.")}
    for page in ACCOUNTING:
        assert set(re.findall(r"`method:([a-z0-9-]+)`", texts()[page])) <= slugs, page


@pytest.mark.parametrize("page", sorted(ACCOUNTING))
def test_a_page_has_formula_limits_and_code(page: str) -> None:
    text = texts()[page]
    assert re.search(r"(?m)^    \S", text), "a formula stands indented"
    assert "imits" in text and "Code: `tanlu." in text
    for module in set(re.findall(r"`(tanlu\.(?:accounts|land|core|job)(?:\.[a-z_]+)+)", text)):
        root, parts = Path(__file__).parents[1] / "src", module.split(".")
        # the last part may be a function
        candidates = [root.joinpath(*parts), root.joinpath(*parts[:-1])]
        assert any(c.with_suffix(".py").is_file() or c.is_dir() for c in candidates), module


@pytest.fixture(scope="module")
def factors() -> dict[str, Factor]:
    return load_province(province_folder("hunan")).factors


@pytest.mark.parametrize("page", sorted(ACCOUNTING))
def test_factors_that_a_page_names_exist_with_that_value(page: str, factors: dict[str, Factor]) -> None:
    """``set.parameter.subject`` (value, …)."""
    found = re.findall(r"`((?:ipcc-2006|tanlu|cn-ets|gb-t|cn-grid)[\w.-]*\.[\w.-]+)` \(([0-9.]+)", texts()[page])
    for name, value in found:
        assert factors[name].value == float(value), name


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
