"""How the need for fuel of each sector is served: by fuel, electricity, hydrogen or biomass, read back from final energy."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

COAL, COKE, GAS, OIL, ELECTRICITY, HEAT, HYDROGEN, BIOMASS = range(8)
SERVED: Final = ("conventional", "electric", "hydrogen", "biomass")


def route_stock(
    final: Floats, scale: Floats, base: Floats, ratio_gas: Floats, ratio_hydrogen: Floats, linked: Bools
) -> Floats:
    """Return the need for fuel by the way that serves it, [n, T, S, 4] PJ of the fuel of the base year, by `SERVED`.

    Parameters
    ----------
    final : [n, T, S, 8]
        Final energy [PJ] by `tanlu.pathways.dimensions.CARRIERS`.
    scale : [n, T, S]
        Services times intensity, base year = 1.
    base : [S, 8]
        Final energy of the base year [PJ].
    ratio_gas, ratio_hydrogen : [S]
        Gas per unit of coal, hydrogen per unit of fuel that it replaces [1].
    linked : [S]
        Sectors whose use follows that of others: their scale is not known, so what they electrify counts as fall of use.

    Notes
    -----
    Inverse of the engine's equation of final energy (docs/methods/pathway-engine.md, equation 7). With L the share of the base fuel that is
    neither electric nor hydrogen, coal + coke + oil + grown biomass + gas/r = L·(coal + coke + oil + gas/r of the base year).
    """
    weight = base[:, COAL] + base[:, COKE] + base[:, OIL] + base[:, GAS] / ratio_gas
    burnt = final[..., COAL] + final[..., COKE] + final[..., OIL] + final[..., GAS] / ratio_gas + final[..., BIOMASS]
    grown_base = base[:, BIOMASS]
    safe = np.where(linked, weight + grown_base, weight)
    inverse = np.where(safe > 0, 1.0 / np.where(safe > 0, safe, 1.0), 0.0)
    left = (burnt - np.where(linked, 0.0, scale * grown_base)) * inverse
    scale = np.where(linked, left, scale)
    fossil = base[:, :4].sum(axis=1)
    out = np.empty((*scale.shape, 4))
    out[..., 3] = final[..., BIOMASS] - scale * grown_base
    out[..., 2] = (final[..., HYDROGEN] - scale * base[:, HYDROGEN]) / ratio_hydrogen
    out[..., 0] = left * fossil - out[..., 3]
    out[..., 1] = (scale - left) * fossil - out[..., 2]
    return np.maximum(out, 0.0, out=out)
