"""States of what is filed, and how they were known at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tanlu.assessment.score_tree import FilingState

DRAFT, FILED, VERIFIED, RETURNED = "draft", "filed", "verified", "returned"
OPEN: Final = (DRAFT, FILED)


def state_known(state: str, checked_at: datetime | None, as_of: datetime) -> FilingState:
    """Return the state of something filed, as it was known at a moment."""
    if checked_at is None or checked_at > as_of:
        return FilingState.FILED
    return {VERIFIED: FilingState.VERIFIED, RETURNED: FilingState.REJECTED}.get(state, FilingState.FILED)
