"""What the system of record answers when it refuses: one class a kind, so that the portal can give each its status code."""

from __future__ import annotations

from tanlu.core.errors import DataError, Problem


class RefusedError(DataError):
    """The request is understood and not carried out; nothing was written. Web status 422."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)


class NotPermittedError(RefusedError):
    """The person may not do this, or not to this record. Web status 403."""


class NotAuthenticatedError(RefusedError):
    """Login, session or token is not valid. Web status 401."""


class ConflictError(RefusedError):
    """Another change came first; read again. Web status 409."""


class WriteOutsideChangeError(RuntimeError):
    """A fault of the program: something is written without an entry in the log."""
