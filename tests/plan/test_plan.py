"""The shipped plan holds what the reading of the document counted, and answers questions."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tanlu.plan import HookUse, Plan, Technology, coverage, load_plan, plan_node
from tanlu.plan.schema import STREAMS

HUNAN = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(HUNAN)


def test_counts_are_those_of_the_document(plan: Plan) -> None:
    found = coverage(plan)
    assert (found.actions, found.boxes, found.directions) == (10, 10, 43)
    assert (found.technologies, found.distinct, found.items) == (512, 479, 485)
    assert [n for n, _ in found.by_action.values()] == [122, 66, 55, 63, 53, 45, 52, 28, 17, 11]
    assert (found.targets, found.mechanisms, found.systems, found.hooks) == (73, 296, 107, 26)
    assert found.targets_by_kind == {"quantitative": 6, "mandated": 3, "date": 3, "qualitative": 61}
    assert {role: n for role, (n, _) in found.by_role.items()} == {
        "enabling": 200,
        "low": 196,
        "zero": 76,
        "negative": 40,
    }
    assert found.hook_objects == 331
    assert len(found.without_term) == 20
    assert len(found.undetailed) == 27
    assert not found.software_without_system and not found.targets_without_system and not found.unused_hooks


def test_levels_systems_and_scenarios_are_those_of_the_document(plan: Plan) -> None:
    levels = Counter(t.level for t in plan.technologies())
    expected = {
        "box": 298,
        "product": 9,
        "key": 75,
        "early": 12,
        "promote": 2,
        "field": 53,
        "cluster": 5,
        "service": 31,
        "group": 27,
    }
    assert levels == expected
    assert len(plan.technologies(software=True)) == 120
    assert Counter(s.explicitness for s in plan.systems()) == {"named": 91, "implied": 16}
    assert Counter(s.tier for s in plan.systems()) == {"loop_backbone": 29, "sector_tool": 70, "device_near": 8}
    assert sum(len(s.must_do) for s in plan.systems()) == 422
    assert sum(len(s.works_when) for s in plan.systems()) == 214
    assert sum(len(s.depends_on) for s in plan.systems()) == 150
    assert sum(len(s.feedback_from) for s in plan.systems()) == 22
    assert sum(len(a.scenarios) for a in plan.actions()) == 23


def test_distinct_counts_every_name_once(plan: Plan) -> None:
    once = plan.technologies(distinct=True)
    assert len(once) == 479
    names = [t.zh for t in once]
    assert len(names) == len(set(names))
    assert {t.zh for t in once} == {t.zh for t in plan.technologies()}


def test_distinct_keeps_an_item_whose_first_mention_is_outside_the_result(plan: Plan) -> None:
    """Hydrogen-based industry is named in Action 1 first; it is still an item of Action 2."""
    assert "T02-E01" in {t.id for t in plan.technologies(action="A02", distinct=True)}
    assert plan.technologies_by_id["T02-E01"].same_as == "T01-067"


def test_technologies_of_action_2_that_abate_process_co2(plan: Plan) -> None:
    found = plan.technologies(action="A02", abates="process_co2", distinct=True)
    names = {t.zh for t in found}
    assert {"工业废渣原料或混合材", "粉煤灰原料或混合材", "专用水泥", "二氧化碳捕集", "氢基绿电短流程炼铁炼钢"} <= names
    assert not names & {"水泥节能降耗生产技术", "玻璃节能降耗生产技术", "湿法冶金", "含氟气体减排", "工业余热系统利用"}
    assert all(t.action == "A02" and "process_co2" in t.abates for t in found)


def test_enabling_items_abate_nothing_themselves(plan: Plan) -> None:
    assert not any(t.abates for t in plan.technologies(role="enabling"))
    assert {s for t in plan.technologies() for s in t.abates} == set(STREAMS)


def test_targets_due_2025(plan: Plan) -> None:
    assert [t.id for t in plan.targets(due=2025)] == ["TG02", "TG03", "TG04", "TG05", "TG06", "TG07", "TG08"]
    assert [t.id for t in plan.targets(due=2025, kind="quantitative")] == ["TG02"]
    assert {t.id: t.value for t in plan.targets(kind="quantitative")} == {
        "TG02": -14, "TG39": 10, "TG41": 40, "TG42": 20, "TG43": 100, "TG52": 1000,
    }  # fmt: skip
    assert len(plan.targets(basis="stated")) == 13
    assert [t.id for t in plan.targets(due=2060)] == ["TG15"]


def test_build_order_puts_every_system_after_those_it_needs(plan: Plan) -> None:
    place = {s.id: n for n, s in enumerate(plan.build_order())}
    assert len(place) == 107
    assert all(place[need] < place[s.id] for s in plan.systems() for need in s.depends_on)


def test_links_between_systems_and_the_rest_agree_in_both_directions(plan: Plan) -> None:
    for records, field in (
        (plan.technologies_by_id, "technologies"), (plan.targets_by_id, "targets"), (plan.mechanisms_by_id, "mechanisms"),
    ):  # fmt: skip
        down = {(s.id, i) for s in plan.systems() for i in getattr(s, field)}
        up = {(s, r.id) for r in records.values() for s in r.systems}
        assert down == up


def test_records_are_found_by_id_key_and_prefix(plan: Plan) -> None:
    assert plan["TG02"].name("zh").startswith("2025")
    assert plan["energy_management"] is plan["SYS001"]
    assert plan["D01-3"].name("en") == "Advanced energy storage"
    assert plan["sink"] is plan.hooks_by_prefix["sink"]
    assert "T99-001" not in plan
    first = plan["T01-K02"]
    assert isinstance(first, Technology) and first.hook == HookUse("storage", "portfolio")


def test_systems_are_found_by_target_and_layer(plan: Plan) -> None:
    found = plan.systems(target="TG02", tier="loop_backbone")
    assert {"SYS002", "SYS106"} <= {s.id for s in found}
    assert all("TG02" in s.targets and s.tier == "loop_backbone" for s in found)


def test_every_record_names_its_section_and_carries_both_names(plan: Plan) -> None:
    section = re.compile(r"(Title|Preamble|I\(\d\) [\w ]+|Action \d+|Box \d+|Safeguard \d), L\d+")
    for record in (
        *plan.technologies(),
        *plan.targets(),
        *plan.mechanisms(),
        *plan.systems(),
        *plan.actions(),
        *plan.directions(),
    ):
        assert all(section.fullmatch(part) for part in record.source.split("; ")), record
        assert record.zh and record.en
        assert not re.search(r"[\u4e00-\u9fff]", record.en), record


def test_names_are_short_and_no_sentence_of_the_document_stands_in_the_data(plan: Plan) -> None:
    assert max(len(r.zh) for r in (*plan.technologies(), *plan.targets(), *plan.mechanisms(), *plan.systems())) < 30
    for path in (HUNAN / "plan").iterdir():
        for run in re.findall(r"[\u4e00-\u9fff，、；]{45,}", path.read_text(encoding="utf-8")):
            pytest.fail(f"{path.name}: {run}")


def test_a_record_becomes_a_node_that_names_its_section(plan: Plan) -> None:
    node = plan_node(plan.technologies_by_id["T01-K02"], "the-plan")
    assert (node.id, node.zh, node.parents) == ("plan:T01-K02", "储能", ("source:the-plan",))
    assert "行动一，第35行" in node.note_zh and "Action 1, line 35" in node.note_en


@pytest.mark.parametrize("text", ["storage", ":battery", "storage:", ""])
def test_a_hook_without_both_parts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="prefix:object"):
        HookUse.parse(text)
