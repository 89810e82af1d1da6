"""The synthetic run, for tests of reports."""

from tests.results_fixture import results, synthetic

__all__ = ["results", "synthetic"]
