"""Numbers in sentences: as many digits as carry meaning, with thousands separators, never as a power of ten."""

from __future__ import annotations

import math
from collections.abc import Mapping


class Amount(float):
    """A number whose format ``.4g`` writes four digits or all before the point: 1,234,567 and 0.01234 rather than 1.235e+06."""

    def __format__(self, spec: str) -> str:
        """Return the number as text."""
        if not spec.endswith("g") or not math.isfinite(self):
            return super().__format__(spec)
        digits = int(spec.removesuffix("g").lstrip(".,") or 6)
        if not self:
            return "0"
        places = max(digits - 1 - math.floor(math.log10(abs(self))), 0)
        text = f"{float(self):,.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


def in_sentence(values: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a message with their numbers as `Amount`; whole numbers and text stay."""
    return {k: Amount(v) if isinstance(v, float) else v for k, v in values.items()}
