"""The system of record: organisations, people and rights, rules and workflows as data, evidence, and the tamper-evident log."""

from tanlu.records import (
    entries,
    evidence,
    four_eyes,
    login,
    organisations,
    people,
    roles,
    rules,
    tokens,
)

__all__ = ["entries", "evidence", "four_eyes", "login", "organisations", "people", "roles", "rules", "tokens"]
