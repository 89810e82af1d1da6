"""The parts of an energy system: few, typed, each with its equations."""

from tanlu.energy.components.base import Asset, Component, Expandable
from tanlu.energy.components.carrier import Carrier, Node
from tanlu.energy.components.connection import Connection
from tanlu.energy.components.contract import Contract
from tanlu.energy.components.converter import Converter
from tanlu.energy.components.demand import Demand
from tanlu.energy.components.emission import Emission
from tanlu.energy.components.fleet import Fleet
from tanlu.energy.components.line import Line
from tanlu.energy.components.reservoir import Reservoir
from tanlu.energy.components.sequestration import Sequestration
from tanlu.energy.components.source import Source
from tanlu.energy.components.store import Store

__all__ = [
    "Asset",
    "Carrier",
    "Component",
    "Connection",
    "Contract",
    "Converter",
    "Demand",
    "Emission",
    "Expandable",
    "Fleet",
    "Line",
    "Node",
    "Reservoir",
    "Sequestration",
    "Source",
    "Store",
]
