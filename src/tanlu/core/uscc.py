"""The unified social credit code 统一社会信用代码 of legal persons and other organisations.

Source: GB 32100-2015, clause 4 (18 characters: registering department, kind of organisation, region of six digits, organisation code of
nine, check character) and clause 5.2 (check character, ISO/IEC 7064 MOD 31-3).
"""

from __future__ import annotations

from typing import Final

from tanlu.core.errors import DataError, Problem

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters in the order of their values 0–30; I, O, S, V and Z are not used (GB 32100-2015, table 1)."""
LENGTH: Final = 18
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS: Final = tuple(pow(3, i, 31) for i in range(LENGTH - 1))
_REGION: Final = slice(2, 8)


def check_character(first: str) -> str:
    """Return the check character of the first 17 characters of a code.

    ``C18 = 31 − (Σ Ci · 3^(i−1)) mod 31``, where 31 stands for 0. Source: GB 32100-2015, clause 5.2.

    Parameters
    ----------
    first : str
        17 characters of `ALPHABET`.

    Raises
    ------
    ValueError
        If there are not 17 characters, or one is not of the alphabet.
    """
    if len(first) != LENGTH - 1 or not set(first) <= _VALUE.keys():
        raise ValueError(f"not 17 characters of the alphabet of GB 32100-2015: {first!r}")
    total = sum(_VALUE[c] * w for c, w in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def code_problems(code: str, file: str = "", row: int | None = None, field: str = "uscc") -> list[Problem]:
    """Return everything that is wrong with a code; empty if it is well-formed.

    A well-formed code need not have been given to anyone: only the registry knows that.

    Parameters
    ----------
    code : str
        The code as it was written; neither case nor spaces are forgiven.
    file, row, field
        Where it stands, for the problems.
    """

    def problem(name: str, **details: object) -> Problem:
        return Problem(name, file, row, field, code, details)

    problems = []
    if len(code) != LENGTH:
        problems.append(problem("uscc_length", length=len(code)))
    strange = sorted({c for c in code if c not in _VALUE})
    if strange:
        places = ", ".join(str(i) for i, c in enumerate(code, 1) if c not in _VALUE)
        problems.append(problem("uscc_character", characters=" ".join(strange), places=places))
    if not all(c in "0123456789" for c in code[_REGION]):
        problems.append(problem("uscc_region", region=code[_REGION]))
    if len(code) == LENGTH and not set(code[:-1]) - _VALUE.keys():
        wanted = check_character(code[:-1])
        if code[-1] != wanted:
            problems.append(problem("uscc_check", wanted=wanted, found=code[-1]))
    return problems


def check_code(code: str) -> str:
    """Return the code if it is well-formed.

    Raises
    ------
    DataError
        With every fault of the code.
    """
    problems = code_problems(code)
    if problems:
        raise DataError(problems)
    return code
