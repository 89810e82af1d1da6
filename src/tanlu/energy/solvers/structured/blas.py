"""What compiled kernels need of BLAS beyond matrix products: routines that SciPy brings along.

They are called by a name, not by an address, so that compiled kernels can be cached.
"""

from __future__ import annotations

from typing import Any, Final

import llvmlite.binding
import numpy as np
from numba import types
from numba.extending import get_cython_function_address

from tanlu.energy.solvers.structured.crew import compiled


def _routine(name: str, arguments: int) -> Any:
    """Return a routine of SciPy's BLAS, whose arguments are addresses, for calls from compiled kernels."""
    known = f"tanlu_{name}"
    llvmlite.binding.add_symbol(known, get_cython_function_address("scipy.linalg.cython_blas", name))
    addresses: Any = [types.uintp] * arguments
    return types.ExternalFunction(known, types.void(*addresses))


_dsyrk: Final = _routine("dsyrk", 10)
_dtrmm: Final = _routine("dtrmm", 11)
_LETTERS: Final = np.frombuffer(b"LNRT", np.uint8)


@compiled
def add_squares(V: Any, first: int, total: Any) -> None:
    """Add W' W to the upper triangle of a matrix, where W are the columns of V from `first` on.

    What stands in rows here stands in columns there, so that the upper triangle is the lower one and W' W is W W'.
    """
    size = total.shape[0]
    if size == 0 or V.shape[0] == 0:
        return
    whole, one = np.array([size, V.shape[0], V.shape[1]], np.int32), np.ones(1)
    n, k, width = whole.ctypes.data, whole.ctypes.data + 4, whole.ctypes.data + 8
    letters, unit = _LETTERS.ctypes.data, one.ctypes.data
    _dsyrk(letters, letters + 1, n, k, unit, V.ctypes.data + 8 * first, width, unit, total.ctypes.data, n)


@compiled
def multiply_by_transposed(U: Any, B: Any) -> None:
    """Write the product of an upper triangular matrix, transposed, and a matrix over the latter.

    What stands in rows here stands in columns there: U is the lower triangle of its transposed matrix, which B' is multiplied by from the
    right.
    """
    if B.size == 0:
        return
    whole, one = np.array([B.shape[1], B.shape[0]], np.int32), np.ones(1)
    n, k = whole.ctypes.data, whole.ctypes.data + 4
    lower = _LETTERS.ctypes.data
    _dtrmm(lower + 2, lower, lower + 3, lower + 1, n, k, one.ctypes.data, U.ctypes.data, k, B.ctypes.data, n)
