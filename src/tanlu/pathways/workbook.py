"""A scenario as a workbook: what was chosen, the figures, the IAMC table and the fan, each on a sheet of its own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.pathways.sensitivity import Share, output_name
from tanlu.pathways.simulation import Simulation

MEGATONNE: Final = 100.0
"""Ten thousand tonnes in a million tonnes."""


def workbook(simulation: Simulation, language: str, shares: Sequence[Share] = ()) -> bytes:
    """Return a scenario as an Excel workbook; numbers are numbers, with an editable chart of the fan.

    Parameters
    ----------
    simulation : Simulation
    language : {"zh", "en"}
    shares : sequence of Share
        Where the variance comes from; what rests on assumptions stands beside the figures.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})

    def say(key: str) -> str:
        return translate(f"portal.studio.sheet.{key}", language)

    def sheet(key: str, rows: list[list[Any]], widths: list[int]) -> Any:
        made = book.add_worksheet(say(key)[:31])
        for i, width in enumerate(widths):
            made.set_column(i, i, width)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                made.write(r, c, value, bold if r == 0 else None)
        made.freeze_panes(1, 0)
        return made

    sheet("scenario", _scenario(simulation, language, shares), [44, 60])
    sheet("levers", _levers(simulation, language), [30, 44, 12, 14, 14, 14])
    sheet("series", [_numbers(row) for row in simulation.iamc()], [14, 18, 14, 48, 18])
    fan = [_in_reader_units(_numbers(row), language) for row in simulation.fan_rows()]
    made = sheet("fan", fan, [40, 14, 8, 12, 12, 12, 12, 12])
    first = [i for i, row in enumerate(fan) if i and row[0] == fan[1][0]]
    chart = book.add_chart({"type": "line"})
    for column in (3, 5, 7):
        chart.add_series(
            {
                "name": [say("fan")[:31], 0, column], "categories": [say("fan")[:31], first[0], 2, first[-1], 2],
                "values": [say("fan")[:31], first[0], column, first[-1], column],
            }
        )  # fmt: skip
    chart.set_title({"name": say("total")})
    made.insert_chart("J2", chart)
    book.close()
    return buffer.getvalue()


def _scenario(simulation: Simulation, language: str, shares: Sequence[Share]) -> list[list[Any]]:
    summary, peak = simulation.summary(), simulation.peak
    level = peak["level"]["median"] * (MEGATONNE if language == "zh" else 1.0)

    def say(key: str) -> str:
        return translate(f"portal.studio.sheet.{key}", language)

    assumed = [
        [translate("portal.studio.sheet.assumed", language, output=output_name(s.output, language)), min(1.0, s.total)]
        for s in shares
        if s.source_class == "grade_d" and s.output in ("co2_deadline", "net_last")
    ]
    return [
        [say("item"), say("value")], [say("name"), summary["scenario"]], [say("base"), summary["base"]],
        [say("growth"), summary["growth"]], [say("peak_year"), peak["year"]["median"]],
        [say("peak_years"), f"{peak['year']['p05']}–{peak['year']['p95']}"], [say("peak_level"), level],
        [say("chance"), peak["probability_by_2030"]], [say("stderr"), peak["stderr"]],
        [say("peak_test"), translate(f"pathways.test.{peak['test']}", language)], *assumed, [say("draws"), summary["draws"]],
        [say("seed"), summary["seed"]], [say("version"), summary["model_version"]], [say("hash"), summary["data_hash"]],
    ]  # fmt: skip


def _levers(simulation: Simulation, language: str) -> list[list[Any]]:
    data, setting = simulation.model.data, simulation.file.setting
    head = [
        translate(f"portal.studio.sheet.{k}", language) for k in ("lever", "name", "unit", "value", "world", "range")
    ]
    return [head] + [
        [
            lever.id, lever.name(language), unit_label(lever.unit, language), setting.levers.get(lever.id, lever.worlds[setting.base]),
            lever.worlds[setting.base], f"{lever.minimum:g}–{lever.maximum:g}",
        ]
        for lever in data.every
    ]  # fmt: skip


def _in_reader_units(row: list[Any], language: str) -> list[Any]:
    """Return a row of the fan as readers of the language count: in Chinese by ten thousand tonnes; the IAMC sheet keeps its units."""
    variable, unit, year, *values = row
    if language != "zh" or not str(unit).startswith("Mt "):
        return row
    return [variable, f"万吨 {unit[3:]}", year, *(round(v * MEGATONNE, 4) for v in values)]


def _numbers(row: list[str]) -> list[Any]:
    """Return the cells of a row with numbers as numbers; the first columns are texts, empty cells stay empty."""
    out: list[Any] = []
    for cell in row:
        try:
            out.append(float(cell) if cell else "")
        except ValueError:
            out.append(cell)
    return out
