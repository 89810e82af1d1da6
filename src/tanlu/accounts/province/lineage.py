"""The chain behind the numbers of an inventory: categories, energy, methods, factors, facts and sources as lineage nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tanlu.accounts.province.reconcile import Comparison
from tanlu.accounts.province.records import EnergyUse, Inventory, InventoryRow
from tanlu.accounts.province.settings import load_settings
from tanlu.accounts.province.spec import Branch, Settings
from tanlu.accounts.province.totals import Total
from tanlu.core.factors import Factor
from tanlu.core.lineage import Lineage, Node, NodeKind
from tanlu.core.messages import catalogue, translate
from tanlu.core.provenance import cite
from tanlu.core.province import Province
from tanlu.core.punctuation import PUNCTUATION


def _cited(locator: str) -> tuple[str, str]:
    """Return where in its source a factor stands, in Chinese and English."""
    zh, en = (translate("accounts.locator", lang, locator=cite(locator, lang)) for lang in ("zh", "en"))
    return zh, en


def _both(key: str, **values: object) -> tuple[str, str]:
    return translate(key, "zh", **values), translate(key, "en", **values)


def add_method(lineage: Lineage, slug: str) -> str:
    """Add the node of a method from the catalogue (``method.<slug>.name`` and ``.rule``) and return its id."""
    zh, en = _both(f"method.{slug}.name")
    note_zh, note_en = _both(f"method.{slug}.rule")
    lineage.add(Node(f"method:{slug}", "method", zh, en, note_zh=note_zh, note_en=note_en))
    return f"method:{slug}"


def add_factor(lineage: Lineage, factor: Factor, province: Province) -> str:
    """Add the node of a factor, named with the labels of its province, and return its id; assumptions are marked as such."""
    kind: NodeKind = "assumption" if factor.grade == "D" else "factor"
    zh, en = (_factor_label(factor, province, language) for language in ("zh", "en"))
    note_zh, note_en = _cited(factor.locator) if factor.locator else ("", "")
    node = Node(
        f"factor:{factor.id}", kind, zh, en, factor.value, factor.unit, factor.grade.value,
        PUNCTUATION["zh"].phrases(note_zh, factor.note_zh), PUNCTUATION["en"].phrases(note_en, factor.note_en),
        parents=(f"source:{factor.source}",),
    )  # fmt: skip
    lineage.add(node)
    return node.id


def _factor_label(factor: Factor, province: Province, language: str) -> str:
    words = {
        "parameter": province.label(factor.parameter, language),
        "subject": province.label(factor.subject, language, "."),
        "set": province.label(factor.set, language),
    }
    first, last = factor.valid_from, factor.valid_to
    if first is not None and first == last:
        return translate("accounts.factor_of_year", language, year=first, **words)
    if first is not None and last is None:
        return translate("accounts.factor_from", language, year=first, **words)
    if last is not None and first is None:
        return translate("accounts.factor_until", language, year=last, **words)
    return translate("accounts.factor", language, **words)


def _energy_label(use: EnergyUse, language: str) -> str:
    sector, fuel = translate(f"sector.{use.sector}", language), translate(f"fuel.{use.fuel}", language)
    return translate("accounts.energy_label", language, year=use.year, sector=sector, fuel=fuel)


def _recon_label(comparison: Comparison, language: str) -> str:
    item, reference = _item_name(comparison, language), f"{comparison.reference:.0f}"
    return translate("accounts.recon_label", language, year=comparison.year, item=item, reference=reference)


def _add_energy(lineage: Lineage, use: EnergyUse) -> None:
    zh, en = _energy_label(use, "zh"), _energy_label(use, "en")
    note_zh, note_en = _both(f"status.{use.status.value}")
    if use.co2 is not None:
        note_zh, note_en = f"{note_zh}；CO2 {use.co2 / 10:,.1f} 万吨", f"{note_en}; CO2 {use.co2:,.1f} kt"
    parents = (*use.facts, *(f"factor:{f}" for f in use.factors), "method:combustion")
    lineage.add(Node(use.id, "result", zh, en, use.energy, "PJ", use.grade.value, note_zh, note_en, parents=parents))


def _add_row(lineage: Lineage, row: InventoryRow) -> None:
    add_method(lineage, row.method)
    zh, en = (
        f"{row.year} {row.category} {translate(f'category.{row.category}', lang)} {row.gas}" for lang in ("zh", "en")
    )
    notes = [
        PUNCTUATION[lang].phrases(translate(f"status.{row.status.value}", lang), note)
        for lang, note in (("zh", row.note_zh), ("en", row.note_en))
    ]
    parents = (*row.parts, *row.facts, *(f"factor:{f}" for f in row.factors), f"method:{row.method}")
    lineage.add(Node(row.id, "result", zh, en, row.value, "kt", row.grade.value, notes[0], notes[1], parents=parents))


def _add_total(lineage: Lineage, total: Total, grade: str) -> None:
    key = f"total.{total.scope}" if f"total.{total.scope}" in catalogue() else f"sector.{total.scope}"
    zh, en = (f"{total.year} {translate(key, lang)}" for lang in ("zh", "en"))
    lineage.add(Node(total.id, "result", zh, en, total.value, total.unit, grade, parents=(*total.parts, "method:sum")))


def inventory_lineage(
    inventory: Inventory, totals: Sequence[Total], comparisons: Iterable[Comparison], province: Province
) -> Lineage:
    """Return the lineage of an inventory, its totals and its reconciliation.

    Only facts, factors and sources that something rests on are in it.

    Parameters
    ----------
    inventory : Inventory
    totals : sequence of Total
    comparisons : iterable of Comparison
    province : Province
    """
    lineage = Lineage()
    for slug in ("combustion", "sum", "reconciliation"):
        add_method(lineage, slug)
    for use in inventory.energy:
        _add_energy(lineage, use)
    for row in inventory.rows:
        _add_row(lineage, row)
    worst = {row.id: row.grade.value for row in inventory.rows}
    for total in totals:
        _add_total(lineage, total, max(worst[p] for p in total.parts))
    for c in comparisons:
        zh, en = _recon_label(c, "zh"), _recon_label(c, "en")
        notes = [
            PUNCTUATION[lang].semicolon.join(translate(f"recon.{r}", lang) for r in c.reasons) for lang in ("zh", "en")
        ]
        own = [lineage.nodes[p].grade for p in c.parents if p in lineage.nodes]
        parents = (*c.parents, "method:reconciliation")
        lineage.add(
            Node(c.id, "result", zh, en, c.difference, "kt", max(own, default=""), notes[0], notes[1], parents=parents)
        )
    _add_assumptions(lineage, load_settings(province), str(province.settings["assumption_source"]))
    complete_parents(lineage, province)
    return lineage


def _add_assumptions(lineage: Lineage, settings: Settings, source: str) -> None:
    """Add the nodes of drivers and assumed shares, of which estimates name the ids."""
    parents = (f"source:{source}",)
    for driver in settings.drivers.values():
        kind = "accounts.elasticity_estimated" if driver.elasticity is None else "accounts.elasticity_fixed"
        values = {
            "shared": f"{100 * driver.volatility:g}", "own": f"{100 * driver.own_volatility:g}",
            "elasticity": driver.elasticity, "fallback": driver.fallback,
        }  # fmt: skip
        zh, en = (translate("accounts.driver", lang, name=getattr(driver, lang)) for lang in ("zh", "en"))
        note_zh, note_en = _both(kind, **values)
        node_id = f"assumption:driver:{driver.name}"
        lineage.add(Node(node_id, "assumption", zh, en, None, "", "D", note_zh, note_en, parents=parents))
    for branch in (b for split in settings.splits.values() for b in split.branches):
        zh, en = (translate("accounts.branch_share", lang, name=getattr(branch, lang)) for lang in ("zh", "en"))
        note_zh, note_en = (_shares_text(branch, lang) for lang in ("zh", "en"))
        node_id = f"assumption:share:{branch.name}"
        lineage.add(Node(node_id, "assumption", zh, en, None, "", "D", note_zh, note_en, parents=parents))


def _shares_text(branch: Branch, language: str) -> str:
    shares = (f"{translate(f'fuel.{fuel}', language)} {100 * share:g}%" for fuel, share in branch.shares.items())
    return PUNCTUATION[language].semicolon.join(shares)


def _item_name(comparison: Comparison, language: str) -> str:
    for prefix in ("sector", "fuel", "total", "approach"):
        if f"{prefix}.{comparison.item}" in catalogue():
            return translate(f"{prefix}.{comparison.item}", language)
    return comparison.item


def complete_parents(lineage: Lineage, province: Province) -> None:
    """Add the facts, factors and sources of a province that nodes name as parents and that are not in the graph."""
    facts = {f.id: f for f in province.facts.values()}
    while missing := {p for _, p in lineage.missing()}:
        known = {p for p in missing if p in facts or p.partition(":")[0] in ("factor", "source")}
        if not known:
            return
        for parent in sorted(known):
            kind, _, name = parent.partition(":")
            if parent in facts:
                lineage.add_fact(facts[parent], province.fact_label)
            elif kind == "factor":
                add_factor(lineage, province.factors[name], province)
            else:
                lineage.add_source(province.sources[name])
