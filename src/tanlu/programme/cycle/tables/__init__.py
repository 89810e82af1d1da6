"""Mapped classes of the programme cycle, one module a step of it."""
