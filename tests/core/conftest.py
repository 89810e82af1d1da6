"""Hypothesis without a time limit per example: the machine may be busy, the properties do not depend on it."""

from hypothesis import settings

settings.register_profile("tanlu", deadline=None)
settings.load_profile("tanlu")
