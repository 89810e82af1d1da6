"""What an operator knows of the hours to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from tanlu.energy.problem import Floats


class Forecast(Protocol):
    """Profiles as they are expected at an hour."""

    def expect(self, profiles: Mapping[str, Floats], now: int) -> dict[str, Floats]:
        """Return what is expected of profiles that begin at the hour `now` of the run; each (H,)."""
        ...


@dataclass(frozen=True, slots=True)
class PerfectForecast:
    """Everything is known."""

    def expect(self, profiles: Mapping[str, Floats], now: int) -> dict[str, Floats]:
        """Return the profiles as they are."""
        return dict(profiles)


@dataclass(frozen=True)
class NoisyForecast:
    r"""Errors that grow with the lead and stay alike from hour to hour.

    With a first-order autoregressive error e of unit variance and correlation :math:`\rho`, for the lead :math:`\tau`:

    .. math:: \hat x_\tau = x_\tau \left(1 + \sigma\, \min(1, \sqrt{\tau / L})\, e_\tau\right)

    An hour ahead is known well; from L hours on the error is whole. Shares stay between 0 and 1. The seed and the hour give the error, so
    a run can be repeated.

    Parameters
    ----------
    errors : mapping of str to float
        :math:`\sigma` by the end of a profile's name, for example ``{"pv": 0.15, "wind": 0.2, "load": 0.03}``; other profiles are known.
    correlation : float
        :math:`\rho` from hour to hour [1].
    full_lead : int
        L [h].
    seed : int
        Seed.
    """

    errors: Mapping[str, float] = field(default_factory=dict)
    correlation: float = 0.9
    full_lead: int = 24
    seed: int = 0

    def expect(self, profiles: Mapping[str, Floats], now: int) -> dict[str, Floats]:
        """Return the profiles with errors."""
        return {name: self._disturbed(name, profile, now) for name, profile in profiles.items()}

    def _disturbed(self, name: str, profile: Floats, now: int) -> Floats:
        """Return one profile with its error."""
        size = next((s for end, s in self.errors.items() if name == end or name.endswith(f".{end}")), 0.0)
        if size == 0.0:
            return profile
        hours = len(profile)
        random = np.random.default_rng([self.seed, now, *name.encode()])
        shocks = random.normal(size=hours) * np.sqrt(1.0 - self.correlation**2)
        error = np.empty(hours)
        last = random.normal()
        for hour in range(hours):
            last = self.correlation * last + shocks[hour]
            error[hour] = last
        growth = np.minimum(1.0, np.sqrt(np.arange(1, hours + 1) / self.full_lead))
        expected: Floats = profile * (1.0 + size * growth * error)
        top = 1.0 if profile.max(initial=0.0) <= 1.0 else np.inf
        return np.clip(expected, 0.0, top)
