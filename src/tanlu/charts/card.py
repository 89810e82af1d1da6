"""A chart card outside of a page: read from its specification, shown in a notebook, saved as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from tanlu.charts.base import Cell, Chart, Column, Spec
from tanlu.charts.format import show
from tanlu.charts.render import to_pdf, to_png, to_svg
from tanlu.charts.theme import themed
from tanlu.core.errors import DataError, Problem
from tanlu.core.lineage import Node
from tanlu.core.messages import LANGUAGES, translate

FORMS: Final = (".csv", ".html", ".json", ".pdf", ".png", ".svg")
"""Endings of the files that a card can be saved as."""
MIME: Final = "application/vnd.vegalite.v6+json"
_TEXTS: Final = ("name", "title", "subtitle", "summary", "status")


@dataclass(frozen=True)
class Card:
    """A chart with its words, table and sources.

    Parameters
    ----------
    chart : Chart
    theme : {"light", "dark"}

    Examples
    --------
    >>> Card.read(httpx.get(f"{portal}/api/v1/charts/emissions.json").json()).save("emissions.svg")  # doctest: +SKIP
    """

    chart: Chart
    theme: str = "light"

    @classmethod
    def read(cls, spec: Mapping[str, Any]) -> Card:
        """Return the card of a specification, as ``/api/v1/charts/<name>.json`` answers it.

        Raises
        ------
        DataError
            If it is not the specification of a card.
        """
        told = spec.get("usermeta", {}).get("card") if isinstance(spec.get("usermeta"), Mapping) else None
        if not isinstance(told, Mapping):
            raise DataError([Problem("no_card", "card", field="usermeta.card")])
        wrong = [
            Problem("no_card", "card", field=f"usermeta.card.{k}") for k in _TEXTS if not isinstance(told.get(k), str)
        ]
        if told.get("language") not in LANGUAGES:
            wrong.append(Problem("no_card", "card", field="usermeta.card.language", value=str(told.get("language"))))
        if wrong:
            raise DataError(wrong)
        plain = {k: v for k, v in spec["usermeta"].items() if k != "card"}
        bare = {**{k: v for k, v in spec.items() if k != "usermeta"}, **({"usermeta": plain} if plain else {})}
        columns = tuple(Column(**c) for c in told.get("columns", ()))
        rows = tuple(tuple(_read_cell(cell) for cell in row) for row in told.get("rows", ()))
        sources = tuple(Node(kind="source", **source) for source in told.get("sources", ()))
        return cls(
            Chart(
                told["name"], told["language"], told["title"], told["subtitle"], told["summary"], bare, columns, rows,
                tuple(told.get("ids", ())), told["status"], sources, told.get("note", ""), dict(told.get("parameters", {})),
            )
        )  # fmt: skip

    @property
    def spec(self) -> Spec:
        """The whole specification in the theme of the card."""
        return themed(self.chart.card, self.theme)

    @property
    def picture(self) -> Spec:
        """The specification of a picture that leaves the page: with title, status and sources inside."""
        return themed(self.chart.with_title, self.theme)

    def svg(self) -> str:
        """Return the picture as SVG."""
        return to_svg(self.picture)

    def html(self) -> str:
        """Return finding, picture, summary, table and sources as a piece of HTML that needs nothing else."""
        chart = self.chart
        head = "".join(f"<th>{escape(c.label)}{f' [{escape(c.unit)}]' if c.unit else ''}</th>" for c in chart.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_shown(cell, chart.language))}</td>" for cell in row) + "</tr>"
            for row in chart.rows
        )
        table = translate("charts.table", chart.language)
        svg = to_svg(themed(chart.spec, self.theme), prefix=f"{chart.name}-")
        return (
            f'<figure lang="{chart.language}"><p><strong>{escape(chart.title)}</strong><br>'
            f"<small>{escape(chart.subtitle)} · {escape(chart.badge)}</small></p>{svg}"
            f"<figcaption>{escape(' '.join(t for t in (chart.note, chart.summary) if t))}<br><small>{escape(chart.citation)}</small>"
            f"</figcaption><details><summary>{escape(table)}</summary><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table></details></figure>"
        )

    def save(self, path: str | Path) -> Path:
        """Write the card as a file whose form its name tells: json, svg, png, pdf, csv or html.

        Raises
        ------
        DataError
            If the name ends otherwise; nothing is written.
        """
        path = Path(path)
        form = path.suffix.lower()
        if form not in FORMS:
            raise DataError(
                [Problem("card_form", str(path), field="path", value=form, details={"allowed": ", ".join(FORMS)})]
            )
        part = path.with_name(path.name + ".part")
        part.write_bytes(self._content(form))
        part.replace(path)
        return path

    def _content(self, form: str) -> bytes:
        match form:
            case ".json":
                return json.dumps(self.spec, ensure_ascii=False, indent=1).encode()
            case ".svg":
                return self.svg().encode()
            case ".png":
                return to_png(self.picture)
            case ".pdf":
                return to_pdf(self.picture)
            case ".csv":
                return ("\ufeff" + self.chart.as_csv()).encode()
            case _:
                return self.html().encode()

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """Return the forms that a notebook chooses from: the specification, HTML, and the summary as text."""
        return {MIME: self.picture, "text/html": self.html(), "text/plain": f"{self.chart.title}\n{self.chart.summary}"}


def _read_cell(cell: Any) -> Cell:
    return Cell(cell["value"], cell.get("id", ""), cell.get("unit", "")) if isinstance(cell, Mapping) else Cell(cell)


def _shown(cell: Cell, language: str) -> str:
    return cell.value if isinstance(cell.value, str) else show(cell.value, "1", language).text
