"""The assessment of the shipped province on its real figures."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tanlu.accounts import Inventory, build_inventory
from tanlu.accounts.province.lineage import complete_parents, inventory_lineage
from tanlu.accounts.province.totals import scope_totals, sector_totals
from tanlu.assessment import Assessment, Chance, IntensityYear, assess, inventory_totals
from tanlu.core.errors import DataError
from tanlu.core.provenance import Grade, Source
from tanlu.core.province import Province, load_province
from tanlu.land import forest_rows
from tanlu.plan import load_plan, plan_node

HUNAN = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan"


CHANCES = {"co2_peak_2030": Chance(0.6, 0.01, 2028.0, "year", 2024, ("peak:reference",))}


def with_notices(province: Province) -> Province:
    """Return the province with the three national notices that its intensity rule cites among its sources."""
    ids = ("ndrc-feedstock-2022", "ndrc-renewables-2022", "ndrc-green-certificates-2024")
    return replace(province, sources={i: Source(i, i, i, "", "", "", Grade.A) for i in ids} | province.sources)


@cache
def shipped() -> tuple[Province, Inventory, Assessment]:
    province = with_notices(load_province(HUNAN))
    inventory = build_inventory(province, forest_rows(province))
    return province, inventory, assess(province, load_plan(HUNAN), inventory, CHANCES, "hunan-stc-plan-2022")


def by_year(basis: str) -> dict[int, IntensityYear]:
    return {r.year: r for r in shipped()[2].intensities if r.basis == basis}


def test_the_official_number_is_not_invented() -> None:
    official = by_year("official")
    assert {y: r.change for y, r in official.items() if r.change is not None} == {2016: -5.34, 2017: -5.24, 2020: -1.98}
    assert all(official[y].cumulative is None and official[y].status == "not_measured" for y in range(2021, 2026))


def test_the_physical_number_moves_with_the_published_one_where_both_exist() -> None:
    """The inventory does not use the published intensity, so this compares two independent figures."""
    official, physical = by_year("official"), by_year("physical")
    for year in (2016, 2017, 2020):
        assert physical[year].change == pytest.approx(official[year].change, abs=1.5)


def test_totals_are_those_of_the_inventory() -> None:
    _, inventory, _ = shipped()
    found = inventory_totals(inventory)
    for total in scope_totals(inventory):
        if total.scope in found:
            measured = found[total.scope][total.year]
            assert measured.value == pytest.approx(total.value) and measured.ids == (total.id,)
            assert measured.bounds == pytest.approx((total.low, total.high))


def test_73_targets_have_a_line_and_the_measured_ones_a_year() -> None:
    scores = {s.target: s for s in shipped()[2].scores}
    assert len(scores) == 73
    measured = {t for t, s in scores.items() if s.value is not None}
    assert measured == {"TG01", "TG02", "TG03", "TG12", "TG13", "TG14", "TG16", "TG18", "TG19", "TG26"}
    assert all(scores[t].as_of in range(2020, 2025) and scores[t].parents for t in measured)
    assert {t for t, s in scores.items() if s.probability is not None} == {"TG14"}
    assert scores["TG02"].reason == "physical_only"


def test_every_score_can_be_followed_to_facts_and_sources() -> None:
    province, inventory, found = shipped()
    lineage = inventory_lineage(inventory, (*scope_totals(inventory), *sector_totals(inventory)), [], province)
    for node in found.nodes:
        lineage.add(node)
    complete_parents(lineage, province)
    for action in load_plan(province.folder).actions():
        lineage.add(plan_node(action, "hunan-stc-plan-2022"))
    assert {parent for _, parent in lineage.missing()} == {"peak:reference"}
    for target in ("target:TG02", "target:TG18", "target:TG26"):
        assert {"result", "fact", "source", "method"} <= {node.kind for _, node in lineage.walk(target)}


def test_a_source_that_is_not_in_the_folder_is_told() -> None:
    province, inventory, _ = shipped()
    without = replace(province, sources={k: v for k, v in province.sources.items() if k != "saving-plan-14fyp"})
    with pytest.raises(DataError) as caught:
        assess(without, load_plan(HUNAN), inventory, {}, "no-such-plan")
    assert {(p.field, p.value) for p in caught.value.problems} == {
        ("deductions.listed_projects.source", "saving-plan-14fyp"), ("plan", "no-such-plan"),
    }  # fmt: skip
