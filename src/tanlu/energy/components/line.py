"""Transport of a carrier between nodes: lines, pipes."""

from __future__ import annotations

from dataclasses import dataclass

from tanlu.energy.components.base import Expandable
from tanlu.energy.model import Model
from tanlu.energy.parameters import Hourly, Value, quantity


@dataclass(frozen=True, kw_only=True, eq=False)
class Line(Expandable):
    r"""A line that carries forward f and backward b, with loss :math:`\ell` of what is sent.

    .. math::
        0 \le f_{p,t},\, b_{p,t} \le a_t k_p, \qquad \text{supply at the end} = (1-\ell) f - b, \qquad
        \text{supply at the start} = (1-\ell) b - f

    Transport is by net transfer capacity; voltages and phase angles are not seen.

    Parameters
    ----------
    from_node, to_node, carrier : str
        What it carries from where to where.
    loss : float
        Share lost on the way, :math:`\ell` [1].
    availability : Hourly
        Share of the capacity that can be used [1].
    variable_om : Value
        Cost of what is sent [CNY/MWh]; a little, so that nothing circles for free.
    one_way : bool
        Whether it carries forward only.
    """

    from_node: str
    to_node: str
    carrier: str
    loss: float = quantity("1", default=0.0, high=0.99)
    availability: Hourly = quantity("1", default=1.0, high=1.0, kind="hourly")
    variable_om: Value = quantity("CNY/MWh", default=0.1, usual=(0.0, 500.0), kind="value")
    one_way: bool = False

    def compile(self, model: Model) -> None:
        """Add what is sent each way."""
        size = self.capacity(model)
        ways = [("forward", self.from_node, self.to_node)]
        if not self.one_way:
            ways.append(("backward", self.to_node, self.from_node))
        cost = model.by_period(self.variable_om)[:, None]
        for way, start, end in ways:
            sent = model.flow(self.name, way, size, model.steps(self.availability), cost=cost)
            model.supply(self.name, way, sent, start, self.carrier, -1.0)
            model.supply(self.name, way, sent, end, self.carrier, 1.0 - self.loss)
