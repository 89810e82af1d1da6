"""Running given capacities over all hours of a year, window by window.

In comes the hourly programme of one period and the plan over segments that it follows. Out goes a run that keeps every equation of every
hour, so that its cost is an upper bound. It knows no components: it reads the tags of `LinearProblem` only.
"""

from tanlu.energy.hourly.guess import over_segments
from tanlu.energy.hourly.run import run_hours

__all__ = ["over_segments", "run_hours"]
