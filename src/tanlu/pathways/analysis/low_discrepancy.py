"""Scrambled Sobol points: numbers that fill the unit cube more evenly than random ones."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.analysis.lmdi import Floats

BITS: Final = 30
"""Binary digits of a point; the sequence has no more than 2 to that number."""
KEPT: Final = 512
"""Dimensions whose direction numbers are made at once."""

Words = NDArray[np.uint32]


def sobol_points(count: int, dimensions: int, rng: np.random.Generator) -> Floats:
    """Return the first points of a scrambled Sobol sequence, [count, dimensions] in [0, 1).

    Parameters
    ----------
    count : int
        Power of two.
    dimensions : int
        At most as many as the tables of direction numbers that *scipy* brings along have.
    rng : numpy.random.Generator
        Of the scrambling; a generator of its own is spawned from it.

    Raises
    ------
    ValueError
        If the count is not a power of two, or there are too many dimensions.

    Notes
    -----
    Direction numbers of Joe & Kuo 2008, SIAM Journal on Scientific Computing 30:2635; points in the order of the Gray code (Antonov &
    Saleev 1979, USSR Computational Mathematics and Mathematical Physics 19:252); linear scrambling of the digits with a random shift
    (Matoušek 1998, Journal of Complexity 14:527). The same numbers as those of `scipy.stats.qmc.Sobol`, without the second of processor
    time that the import of `scipy.stats` costs each command.
    """
    if count < 1 or count & (count - 1) or count > 1 << BITS:
        raise ValueError(f"{count} points are not a power of two")
    rng = rng.spawn(1)[0]
    places = np.arange(BITS, dtype=np.uint32)
    shift = rng.integers(2, size=(dimensions, BITS), dtype=np.uint32) @ (np.uint32(1) << places)
    drawn = rng.integers(2, size=(dimensions, BITS, BITS), dtype=np.uint32)
    directions = _scrambled(_directions(dimensions), np.tril(drawn))
    words = np.empty((count, dimensions), np.uint32)
    words[0] = shift
    for k in range(count.bit_length() - 1):
        half = 1 << k
        words[half : 2 * half] = words[half - 1 :: -1] ^ directions[:, k]
    return words.astype(np.float64) * 2.0**-BITS


def _directions(dimensions: int) -> Words:
    """Return the direction numbers [dimensions, bits], the first digit in the highest of the bits."""
    made = _made(KEPT * -(-dimensions // KEPT))
    if dimensions > len(made):
        raise ValueError(f"{dimensions} dimensions are more than the {len(made)} with direction numbers")
    return made[:dimensions]


@cache
def _made(dimensions: int) -> Words:
    """Return direction numbers from the primitive polynomials and the first numbers of each dimension.

    With a polynomial of degree s and coefficients a, m(k) = 2 a₁ m(k−1) ⊕ … ⊕ 2ˢ m(k−s) ⊕ m(k−s).
    """
    spec = find_spec("scipy")
    assert spec is not None and spec.submodule_search_locations is not None
    with np.load(Path(spec.submodule_search_locations[0], "stats", "_sobol_direction_numbers.npz")) as tables:
        polynomials, first = tables["poly"][:dimensions], tables["vinit"][:dimensions]
    numbers = np.ones((len(polynomials), BITS), np.uint64)
    degrees = np.array([int(p).bit_length() - 1 for p in polynomials])
    for degree in range(1, int(degrees.max(initial=0)) + 1):
        of = np.flatnonzero(degrees == degree)
        some, coefficients = first[of, :BITS].astype(np.uint64), polynomials[of]
        columns = [some[:, k] for k in range(degree)]
        for k in range(degree, BITS):
            new = columns[k - degree].copy()
            for i in range(1, degree + 1):
                taken = (coefficients >> (degree - i) & 1).astype(np.uint64)
                new ^= taken * (columns[k - i] << np.uint64(i))
            columns.append(new)
        numbers[of] = np.column_stack(columns[:BITS])
    return (numbers << np.arange(BITS - 1, -1, -1, dtype=np.uint64)).astype(np.uint32)


def _scrambled(directions: Words, lower: Words) -> Words:
    """Return direction numbers whose digits are mixed by lower triangular matrices [dimensions, bits, bits] with ones on the diagonal."""
    diagonal = np.arange(BITS)
    lower[:, diagonal, diagonal] = 1
    places = np.arange(BITS - 1, -1, -1, dtype=np.uint32)
    digits = directions[:, None, :] >> places[:, None] & 1
    mixed = (lower.astype(np.float32) @ digits.astype(np.float32)).astype(np.uint32) & 1
    out: Words = np.bitwise_or.reduce(mixed << places[:, None], axis=1)
    return out
