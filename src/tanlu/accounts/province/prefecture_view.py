"""The inventory of one prefecture in one year, as a reader sees it: rows, total, what is missing, and the outside total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tanlu.accounts.province.prefecture_lineage import status_text
from tanlu.accounts.province.prefecture_settings import PrefectureSettings, load_prefecture_settings, prefectures_of
from tanlu.accounts.province.prefectures import (
    UNALLOCATED,
    OutsideTotal,
    PrefectureRow,
    compare_outside,
    prefecture_rows,
    prefecture_total,
)
from tanlu.accounts.province.records import Inventory, Status
from tanlu.core.errors import DataError, Problem
from tanlu.core.gases import gwp_set
from tanlu.core.messages import translate
from tanlu.core.province import Province
from tanlu.core.punctuation import PUNCTUATION


def find_prefecture(province: Province, name: str) -> str:
    """Return the id of a prefecture by its id, the last part of it, or its Chinese or English name.

    Raises
    ------
    DataError
        If there is none of that name.
    """
    for region in prefectures_of(province):
        found = province.regions[region]
        short = region.rpartition("/")[2]
        # a Chinese name may leave out its last character, the kind of area
        if name.lower() in (region, short, found.en.lower()) or (name and name in (found.zh, found.zh[:-1])):
            return region
    some = ", ".join(province.regions[r].zh for r in prefectures_of(province))
    raise DataError([Problem("unknown_prefecture", "regions.csv", value=name, details={"some": some or "–"})])


@dataclass(frozen=True)
class PrefectureView:
    """Rows of a prefecture in a year [kt], its total and that of the province [kt CO2e], and what no prefecture has."""

    province: Province
    settings: PrefectureSettings
    region: str
    year: int
    gwp: str
    rows: tuple[PrefectureRow, ...]
    total: tuple[float, float, float]
    whole: float
    of_category: dict[tuple[str, str], float]
    missing: tuple[PrefectureRow, ...]
    outside: OutsideTotal | None

    def title(self, language: str) -> str:
        """Return the heading."""
        name = self.province.regions[self.region].name(language)
        return translate("prefectures.title", language, year=self.year, region=name, gwp=self.gwp)

    def lines(self, language: str) -> list[tuple[str, ...]]:
        """Return the rows as text: category, gas, mass, interval, share of the province, origin."""
        found: list[tuple[str, ...]] = []
        for r in self.rows:
            name = f"{r.category} {translate(f'category.{r.category}', language)}"
            whole = self.of_category[r.category, r.gas]
            share = f"{100 * r.value / whole:.1f}%" if whole else "–"
            origin = f"{r.grade.value} · {status_text(r, self.settings.proxies, language)}"
            found.append((name, r.gas, f"{r.value:,.2f}", f"{r.low:,.2f} – {r.high:,.2f}", share, origin))
        return found

    def _missing_mass(self) -> float:
        weights = gwp_set(self.gwp).values
        return sum(r.value * weights.get(r.gas, 0.0) for r in self.missing)

    def notes(self, language: str) -> list[str]:
        """Return the total, what is not in the table, and the outside total, as sentences."""
        value, low, high = (f"{x:,.0f}" for x in self.total)
        share = f"{100 * self.total[0] / self.whole:.1f}" if self.whole else "–"
        said = [translate("prefectures.total", language, value=value, low=low, high=high, share=share)]
        if self.missing:
            names = PUNCTUATION[language].listing
            listed = names.join(dict.fromkeys(r.category for r in self.missing))
            mass = f"{self._missing_mass():,.0f}"
            said.append(translate("prefectures.missing", language, value=mass, categories=listed))
        if self.outside:
            o = self.outside
            numbers = {
                "reference": o.reference,
                "own": o.own,
                "low": o.low,
                "high": o.high,
                "difference": o.difference,
            }
            text = {k: f"{v:,.0f}" for k, v in numbers.items()}
            said.append(translate("prefectures.outside", language, year=o.year, **text))
        return said

    def as_record(self, language: str) -> dict[str, Any]:
        """Return everything as plain data."""
        value, low, high = self.total
        return {
            "region": self.region, "name": self.province.regions[self.region].name(language), "year": self.year, "gwp": self.gwp,
            "total": {"value": value, "low": low, "high": high, "unit": "kt CO2e"},
            "share_of_province": value / self.whole if self.whole else None,
            "rows": [
                {
                    "category": r.category, "gas": r.gas, "value": r.value, "unit": "kt", "low": r.low, "high": r.high,
                    "status": r.status, "proxy": r.proxy, "proxy_year": r.proxy_year, "grade": r.grade.value, "id": r.id,
                    "origin": status_text(r, self.settings.proxies, language),
                }
                for r in self.rows
            ],
            "unallocated": [
                {"category": r.category, "gas": r.gas, "value": r.value, "unit": "kt", "id": r.id} for r in self.missing
            ],
            "outside": None if self.outside is None else {
                "year": self.outside.year, "reference": self.outside.reference, "own": self.outside.own,
                "difference": self.outside.difference, "unit": "kt CO2", "id": self.outside.fact,
            },
        }  # fmt: skip


def prefecture_view(province: Province, inventory: Inventory, name: str, year: int, gwp: str) -> PrefectureView:
    """Return the inventory of a prefecture in a year.

    Parameters
    ----------
    province : Province
    inventory : Inventory
        Of the province.
    name : str
        Id or name of the prefecture.
    year : int
    gwp : str
        Name of a GWP set.

    Raises
    ------
    DataError
        If there is no such prefecture, the settings of the division have problems, or the GWP set fixes no value for a gas.
    """
    region = find_prefecture(province, name)
    rows = prefecture_rows(province, inventory)
    of_year = [r for r in rows if r.year == year]
    weights = gwp_set(gwp)
    unknown = sorted({r.gas for r in of_year} - weights.values.keys())
    if unknown:
        raise DataError([Problem("no_gwp", "--gwp", value=gwp, details={"gases": ", ".join(unknown)})])
    whole: dict[tuple[str, str], float] = {}
    for r in of_year:
        whole[r.category, r.gas] = whole.get((r.category, r.gas), 0.0) + r.value
    emitted = [r for r in of_year if r.sector != "land" and r.status != Status.MEMO.value]
    own = tuple(r for r in of_year if r.region == region)
    # what others have by their own results and this one does not is missing here too
    left = [r for r in emitted if r.region.endswith(f"/{UNALLOCATED}") and r.value]
    outside = [o for o in compare_outside(province, rows) if o.region == region and o.year == year]
    return PrefectureView(
        province, load_prefecture_settings(province), region, year, gwp, own, prefecture_total(rows, region, year, weights),
        sum(r.value * weights[r.gas] for r in emitted), whole, tuple(left), outside[0] if outside else None,
    )  # fmt: skip
