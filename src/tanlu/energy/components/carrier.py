"""What flows, and between which places."""

from __future__ import annotations

from dataclasses import dataclass

from tanlu.energy.parameters import Value, quantity


@dataclass(frozen=True, kw_only=True, eq=False)
class Carrier:
    """What flows: electricity, heat, hydrogen, captured CO2, or a fuel of the market.

    Parameters
    ----------
    name : str
        Its name.
    unit : str
        ``MWh``, or ``t`` for a carrier that is counted by mass.
    market : bool
        Whether it is bought at a price anywhere in any amount; otherwise what flows into a node must flow out of it.
    price : Value
        Price of a carrier of the market [CNY/MWh].
    emission_factor : Value
        CO2 made when it is used [t/MWh]; of a carrier of the market.
    biogenic : bool
        Whether that CO2 counts as none when it is set free, and as removed when it is captured.
    surplus : bool
        Whether what is too much at a node may be let go (heat, for example).
    non_fossil : bool
        Whether electricity made of it counts as non-fossil.
    labels : tuple of str
        Names in Chinese and English.
    """

    name: str
    unit: str = "MWh"
    market: bool = False
    price: Value = quantity("CNY/MWh", default=0.0, low=-1e4, usual=(0.0, 5e3), kind="value")
    emission_factor: Value = quantity("t/MWh", default=0.0, low=-2.0, high=2.0, kind="value")
    biogenic: bool = False
    surplus: bool = False
    non_fossil: bool = False
    labels: tuple[str, str] = ("", "")


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """A place: a prefecture, a substation, a building.

    Parameters
    ----------
    name : str
        Its name in the system.
    region : str
        Id of the region that it stands for, where there is one.
    latitude, longitude : float or None
        Where it is [degree].
    labels : tuple of str
        Names in Chinese and English.
    """

    name: str
    region: str = ""
    latitude: float | None = None
    longitude: float | None = None
    labels: tuple[str, str] = ("", "")
