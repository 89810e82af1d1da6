"""Where the plan stands, in words that need no training: sentences about the peak, and targets with sign, word and two numbers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tanlu.charts.format import capital, percent, show, show_required, subscript
from tanlu.charts.records import TargetRecord
from tanlu.charts.results import Results
from tanlu.charts.scoreboard import MEASURED
from tanlu.core.messages import translate
from tanlu.plan import Target
from tanlu.portal.plan.records import find
from tanlu.portal.service import NotFoundError

WORST_FIRST: Final = ("off_track", "at_risk", "on_track", "met")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the number that it rests on."""

    text: str
    id: str


def sentences(results: Results, language: str) -> list[Sentence]:
    """Return what a run says about emissions and their peak, in plain words."""
    found = []
    total = results.total("co2")
    if total is not None:
        told = {"year": total.year, "value": show(total.value, total.unit, language)}
        if total.low is None or total.high is None:
            text = translate("portal.public.emissions", language, **told)
        else:
            ends = {"low": show(total.low, total.unit, language), "high": show(total.high, total.unit, language)}
            text = translate("portal.public.emissions_range", language, **told, **ends)
        found.append(Sentence(text, total.id))
    peak = results.peak(results.reference)
    if peak is not None:
        if peak.peak_year is None:
            text = translate("portal.public.peak_none", language)
        else:
            past = total is not None and peak.peak_year <= total.year
            text = translate(f"portal.public.peak_{'past' if past else 'ahead'}", language, year=peak.peak_year)
        found.append(Sentence(text, peak.id))
        if peak.probability is not None:
            chance = percent(peak.probability)
            found.append(Sentence(translate("portal.public.chance", language, chance=chance), peak.id))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """A target that can be judged: its name, what is measured, its status, what is asked and what is known."""

    target: TargetRecord
    name: str
    measured: str
    asked: str
    known: str


def standings(results: Results, language: str) -> list[Standing]:
    """Return the targets that can be judged, the worst first."""
    judged = [t for t in results.scoreboard if t.status in MEASURED]
    judged.sort(key=lambda t: (WORST_FIRST.index(t.status), t.deadline, t.target))
    return [
        Standing(
            t,
            capital(subscript(t.name(language))),
            _measured(results.province, t.target, language),
            show_required(t, language),
            str(show(t.value, t.unit, language)),
        )
        for t in judged
    ]


def _measured(province: str, target: str, language: str) -> str:
    """Return what the plan measures a target by; nothing where the plan is not on this machine or has no such target."""
    with suppress(NotFoundError):
        found = find(province, target)
        if isinstance(found, Target):
            return capital(subscript(found.indicator.name(language)))
    return ""
