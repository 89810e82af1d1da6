"""What a listener could not take: a frame, a row or a message that was refused, with its reason."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818  -- not a fault of the program: the stream goes on
    """Something that came in and was not taken.

    Parameters
    ----------
    reason : str
        Code of the catalogue: ``aside.<reason>`` says what was wrong.
    **details
        Fields of that message.
    """

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason, details)
        self.reason = reason
        self.details: Mapping[str, object] = details

    def text(self, language: str) -> str:
        """Return the reason in words."""
        from tanlu.core.messages import translate

        return translate(f"aside.{self.reason}", language, **self.details)

    def __str__(self) -> str:
        return self.text("en")
