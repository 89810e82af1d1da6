"""The language that every room speaks.

In: files of a province folder. Out: typed facts, regions, units, gases, provenance, and the errors of a whole file at once.
It must not know any room, province, technology or method.
"""

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.provenance import Fact, Grade, Source

__all__ = ["DataError", "Fact", "Grade", "Notice", "Problem", "Source"]
