"""Gathers hours into chronological segments of variable length, so that a year keeps its order with few time steps.

Contiguous hours are merged pairwise by Ward's criterion (Ward 1963, J. Am. Stat. Assoc. 58, 236–244): each merge is the one between
neighbours that adds least to the sum of squared deviations from the segment means, over all profiles at once. The order of the hours is
kept, so that storage over a season is seen (Pineda & Morales 2018, IEEE Trans. Power Syst. 33, 7116–7126).
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from tanlu.energy.problem import Floats


def segment(profiles: Floats, number: int) -> NDArray[np.int64]:
    """Return the first hours of chronological segments.

    Parameters
    ----------
    profiles : (K, H) array
        Hourly profiles, in one unit (or weighted to be comparable).
    number : int
        Segments wanted; at least 1 and at most H.

    Returns
    -------
    (number,) int array
        First hour of each segment, rising from 0.

    Raises
    ------
    ValueError
        When the number of segments does not lie between 1 and the number of hours.
    """
    return of_order(merge_order(profiles), number)


def of_order(order: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """Return the first hours of so many segments; segments of a larger number lie within those of a smaller one.

    Parameters
    ----------
    order : (H,) int array
        From `merge_order`.
    number : int
        Segments wanted.

    Raises
    ------
    ValueError
        When the number of segments does not lie between 1 and the number of hours.
    """
    if not 1 <= number <= len(order):
        raise ValueError(f"{number} segments of {len(order)} hours")
    return np.flatnonzero(order < number)


def merge_order(profiles: Floats) -> NDArray[np.int64]:
    """Return for each hour how many segments are left when a merge takes it from the first hours of segments; 0 for hour 0.

    Parameters
    ----------
    profiles : (K, H) array
        Hourly profiles, in one unit (or weighted to be comparable).
    """
    hours = profiles.shape[1]
    sums = np.ascontiguousarray(profiles.T, float).copy()
    count = np.ones(hours)
    following = list(range(1, hours + 1))
    before = list(range(-1, hours - 1))
    version = [0] * hours
    steps = np.diff(sums, axis=0)
    heap = [(cost, h, 0, 0) for h, cost in enumerate((0.5 * np.einsum("hk,hk->h", steps, steps)).tolist())]
    heapq.heapify(heap)
    order = np.zeros(hours, np.int64)
    for left_over in range(hours - 1, 0, -1):
        left, right = _cheapest(heap, following, version, hours)
        sums[left] += sums[right]
        count[left] += count[right]
        order[right] = left_over
        version[left] += 1
        version[right] = -1
        following[left] = following[right]
        if following[left] < hours:
            before[following[left]] = left
        for first in (before[left], left):
            second = following[first] if first >= 0 else hours
            if second < hours:
                cost = _ward(sums[first], float(count[first]), sums[second], float(count[second]))
                heapq.heappush(heap, (cost, first, version[first], version[second]))
    return order


def _cheapest(
    heap: list[tuple[float, int, int, int]], following: list[int], version: list[int], hours: int
) -> tuple[int, int]:
    """Return the pair of neighbours whose merge costs least, passing over entries that merges have outdated."""
    while True:
        _, left, seen_left, seen_right = heapq.heappop(heap)
        right = following[left]
        if version[left] == seen_left and right < hours and version[right] == seen_right:
            return left, right


def _ward(first: Floats, n: float, second: Floats, m: float) -> float:
    """Return what a merge adds to the sum of squares."""
    difference = first / n - second / m
    return float(n * m / (n + m) * (difference @ difference))
