"""The pathway model compiled with numba: the same equations as `tanlu.pathways.reference`, one draw at a time.

Inner loops run over the sectors, which lie side by side in all scratch arrays, so that the processor works on four of them at once. For the
same reason the yearly income effect is a polynomial and not a call of the library. `places` holds what is constant in the machine code,
`flat` brings the tables into their form; `controls`, `stock`, `demand` and `supply` are the steps of a year; `draw` puts them together.
"""

from tanlu.pathways.kernel.draw import simulate
from tanlu.pathways.kernel.flat import Flat, Held, Steps, flat_tables, held, scratch, steps
from tanlu.pathways.kernel.places import LAYOUT

__all__ = ["LAYOUT", "Flat", "Held", "Steps", "flat_tables", "held", "scratch", "simulate", "steps"]
