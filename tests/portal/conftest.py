"""The synthetic run, for tests of the portal."""

from tests.results_fixture import results, synthetic

__all__ = ["results", "synthetic"]
