"""Exchange with other models of energy systems: PyPSA and OSeMOSYS come in, PyPSA, IAMC tables and Parquet go out.

A format never changes a result in silence: what does not map is told as a notice.
"""

from tanlu.energy.interop.pypsa import read_pypsa, write_pypsa

__all__ = ["read_pypsa", "write_pypsa"]
