"""The synthetic run, for tests of charts."""

from tests.results_fixture import results, synthetic

__all__ = ["results", "synthetic"]
