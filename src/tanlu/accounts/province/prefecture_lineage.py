"""The chain behind the numbers of prefectures as lineage nodes: row of the province, proxy, facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tanlu.accounts.province.lineage import add_method
from tanlu.accounts.province.prefecture_settings import Proxy, load_prefecture_settings, prefectures_of
from tanlu.accounts.province.prefectures import UNALLOCATED, PrefectureRow, proxy_weights
from tanlu.accounts.rulebook.result import Result
from tanlu.core.lineage import Lineage, Node
from tanlu.core.messages import LANGUAGES, translate
from tanlu.core.province import Province

METHOD = "prefecture-allocation"


def add_prefectures(lineage: Lineage, rows: Sequence[PrefectureRow], province: Province) -> None:
    """Add the nodes of the rows, of the proxies and of the facts behind them; the rows of the province are expected in the graph.

    Parameters
    ----------
    lineage : Lineage
    rows : sequence of PrefectureRow
    province : Province
    """
    if not rows:
        return
    add_method(lineage, METHOD)
    settings = load_prefecture_settings(province)
    used = {(r.proxy, r.proxy_year) for r in rows if r.proxy}
    source = str(province.settings["assumption_source"])
    for proxy in settings.proxies.values():
        if any(name == proxy.name for name, _ in used):
            _add_proxy(lineage, proxy, province, source, {y for n, y in used if n == proxy.name and y is not None})
    for row in rows:
        lineage.add(_node(row, province, settings.proxies))


def _add_proxy(lineage: Lineage, proxy: Proxy, province: Province, source: str, years: set[int]) -> None:
    """Add the assumption that a proxy is, and its values in each year that is used."""
    notes = {
        lang: translate("prefectures.proxy_note", lang, error=f"{100 * proxy.error:g}", drift=f"{100 * proxy.drift:g}")
        for lang in LANGUAGES
    }
    labels = {lang: translate("prefectures.proxy", lang, name=proxy.label(lang)) for lang in LANGUAGES}
    assumption = f"assumption:proxy:{proxy.name}"
    lineage.add(
        Node(
            assumption, "assumption", labels["zh"], labels["en"], None, "", "D", notes["zh"], notes["en"],
            parents=(f"source:{source}",),
        )
    )  # fmt: skip
    for weights in proxy_weights(province, proxy, prefectures_of(province)):
        if weights.year not in years:
            continue
        facts = [f for ids in weights.facts.values() for f in ids]
        for fact_id in dict.fromkeys(facts):
            region, variable, year = _parts(fact_id)
            lineage.add_fact(province.facts[variable, region, year], province.fact_label)
        if not proxy.total:
            zh, en = (
                translate("prefectures.proxy_year", lang, name=proxy.label(lang), year=weights.year)
                for lang in LANGUAGES
            )
            total = sum(weights.values.values())
            node = Node(
                f"proxy:{proxy.name}:{weights.year}", "result", zh, en, total, proxy.unit, "D", parents=(assumption, *facts)
            )  # fmt: skip
            lineage.add(node)


def _parts(fact_id: str) -> tuple[str, str, int]:
    """Return (region, variable, year) of the id of a fact."""
    region, _, rest = fact_id.removeprefix("fact:").partition(":")
    variable, _, year = rest.rpartition(":")
    return region, variable, int(year)


def region_name(region: str, province: Province, language: str) -> str:
    """Return the name of a prefecture, or of what no prefecture has."""
    if region.endswith(f"/{UNALLOCATED}"):
        return translate("prefectures.unallocated", language)
    return province.regions[region].name(language)


def _node(row: PrefectureRow, province: Province, proxies: Mapping[str, Proxy]) -> Node:
    labels, notes = {}, {}
    for lang in LANGUAGES:
        category = f"{row.category} {translate(f'category.{row.category}', lang)} {row.gas}"
        labels[lang] = f"{row.year} {region_name(row.region, province, lang)} {category}"
        notes[lang] = status_text(row, proxies, lang)
    parents = (*row.parents, f"method:{METHOD}")
    return Node(
        row.id, "result", labels["zh"], labels["en"], row.value, "kt", row.grade.value, notes["zh"], notes["en"],
        parents=parents,
    )  # fmt: skip


def status_text(row: PrefectureRow, proxies: Mapping[str, Proxy], language: str) -> str:
    """Return how the number of a row came about."""
    if row.over:
        return translate("prefectures.over", language)
    if row.proxy:
        name = proxies[row.proxy].label(language)
        return translate("prefectures.by_proxy", language, name=name, year=row.proxy_year)
    key = f"prefectures.status.{row.status}" if row.status == UNALLOCATED else f"status.{row.status}"
    return translate(key, language)


def add_own_results(lineage: Lineage, results: Iterable[Result]) -> None:
    """Add the nodes of own results that rows of prefectures name as parents."""
    for r in results:
        add_method(lineage, r.method)
        label = f"{r.period} {r.place} {r.category} {r.gas}"
        lineage.add(Node(r.id, "result", label, label, r.value, r.unit, r.grade, parents=(f"method:{r.method}",)))
