"""From files to results with every problem at once: what the reader finds and what the computation finds stand in one answer."""

from __future__ import annotations

from tanlu.accounts.files.activity_file import ActivityFiles
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError


def compute_read(read: ActivityFiles, method_set: str) -> Results:
    """Compute what was read of files.

    Parameters
    ----------
    read : ActivityFiles
        Read with ``partly=True``, so that sound records are checked although others are faulty.
    method_set : str

    Raises
    ------
    DataError
        With the problems of reading and those of the sound records; nothing is computed then.
    """
    try:
        results = compute(read.activities, method_set)
    except DataError as error:
        raise DataError([*read.problems, *read.located(error).problems]) from None
    if read.problems:
        raise DataError(read.problems)
    return results
