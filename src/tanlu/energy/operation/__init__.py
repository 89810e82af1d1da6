"""Running what stands: rolling windows with forecasts and commitment, and the schedule of a site."""

from tanlu.energy.operation.forecast import Forecast, NoisyForecast, PerfectForecast
from tanlu.energy.operation.guide import Guide, guide
from tanlu.energy.operation.rolling import Operation, Window, operate
from tanlu.energy.operation.window import OperationError, Rules, window_of

__all__ = [
    "Forecast",
    "Guide",
    "NoisyForecast",
    "Operation",
    "OperationError",
    "PerfectForecast",
    "Rules",
    "Window",
    "guide",
    "operate",
    "window_of",
]
