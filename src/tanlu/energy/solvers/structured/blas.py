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

_NAME: Final = "tanlu_dsyrk"
llvmlite.binding.add_symbol(_NAME, get_cython_function_address("scipy.linalg.cython_blas", "dsyrk"))
_arguments: Final[Any] = [types.uintp] * 10
_dsyrk: Final[Any] = types.ExternalFunction(_NAME, types.void(*_arguments))
_LETTERS: Final = np.frombuffer(b"LN", np.uint8)


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
