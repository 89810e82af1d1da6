"""Regions: a province and its prefectures, named by pinyin slugs with Chinese and English labels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a province folder.

    ``id`` is ``hunan`` for a province and ``hunan/changsha`` for a prefecture. ``tile`` is the column and row of the region in the
    schematic tile grid (None for the province); latitude and longitude of the seat in degrees.
    """

    id: str
    parent: str
    zh: str
    en: str
    tile: tuple[int, int] | None = None
    latitude: float | None = None
    longitude: float | None = None

    def name(self, language: str) -> str:
        """Return the label in the given language."""
        return self.zh if language == "zh" else self.en
