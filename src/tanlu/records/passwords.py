"""Passwords: rules, and Argon2id hashes.

Sources: GB/T 22239-2019 8.1.4.1 a) (identification data have complexity), RFC 9106 (Argon2id).
"""

from __future__ import annotations

import secrets
import string
from functools import cache
from typing import TYPE_CHECKING, Final

from tanlu.core.errors import Problem

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
LONGEST: Final = 128
FEWEST_DIFFERENT: Final = 6
FEWEST_KINDS: Final = 3
LONG_ENOUGH_FOR_ANY_KIND: Final = 20
KINDS: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
COMMON: Final = ("password", "qwerty", "123456", "abcdef", "admin", "letmein", "tanlu", "asdfgh", "111111", "iloveyou")
MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1
"""Argon2id with 19 MiB, 2 passes, 1 lane (OWASP password storage cheat sheet): a login of many users at once fits into memory."""


def password_problems(password: str, login: str = "") -> list[Problem]:
    """Return everything that is wrong with a new password: length, kinds of characters, repetition, common words, the login name."""

    def problem(code: str, **details: object) -> Problem:
        # the password itself never becomes part of a message
        return Problem(code, "login", field="password", details=details)

    problems = []
    if not SHORTEST <= len(password) <= LONGEST:
        problems.append(problem("password_length", shortest=SHORTEST, longest=LONGEST))
    kinds = sum(any(c in kind for c in password) for kind in KINDS)
    kinds += any(c not in "".join(KINDS) for c in password)
    if kinds < FEWEST_KINDS and len(password) < LONG_ENOUGH_FOR_ANY_KIND:
        problems.append(problem("password_kinds", kinds=FEWEST_KINDS, length=LONG_ENOUGH_FOR_ANY_KIND))
    if len(set(password)) < FEWEST_DIFFERENT:
        problems.append(problem("password_repeats", count=FEWEST_DIFFERENT))
    lower = password.lower()
    found = next((word for word in COMMON if word in lower), None)
    if found is not None:
        problems.append(problem("password_common", word=found))
    if len(login) >= 3 and login.lower() in lower:
        problems.append(problem("password_login"))
    return problems


def random_password() -> str:
    """Return a random password that keeps the rules (about 95 bits)."""
    alphabet = string.ascii_letters + string.digits
    while True:
        found = "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
        if not password_problems(found):
            return found


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, with salt and parameters."""
    return _hasher().hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Tell whether a password has a hash; without a hash the same time is spent, so that the time tells nothing."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with weaker parameters than those of today."""
    return _hasher().check_needs_rehash(stored)
