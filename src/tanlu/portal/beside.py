"""Where the portal does what needs large libraries: in processes beside those that serve, once they are named.

A process that serves loads a library for good by one request; what is made beside it is gone when nobody asks for it any more.
"""

from __future__ import annotations

from typing import Final

from tanlu.core.companion import Beside

FILES: Final = Beside()
"""Of what is made in well under a second: Parquet."""
DOCUMENTS: Final = Beside()
"""Of what takes seconds: PDF, and what asks the pathway model."""
