"""Rule packs: dated predicates with their source, read from YAML and kept in versions that are edited and approved in the database.

A result names the pack and version that it was made with. A pack whose text nobody has compared with the document has the status
``unverified``; its outcomes say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from sqlalchemy import UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import DataError, Problem
from tanlu.core.province import read_yaml
from tanlu.records.base import Base, Id, Plain, Word, new_id
from tanlu.records.changes import Change
from tanlu.records.predicates import TESTS, Facts, Result, evaluate, parameter_fault
from tanlu.records.refusals import RefusedError

STATUSES: Final = ("verified", "unverified")
PACK_KEYS: Final = {
    "id": str,
    "domain": str,
    "zh": str,
    "en": str,
    "source": str,
    "url": str,
    "status": str,
    "valid_from": date,
    "valid_to": date,
    "predicates": list,
}
OPTIONAL: Final = {"url", "valid_to"}
PREDICATE_KEYS: Final = ("code", "zh", "en", "source", "test", "unit")


class RulePackVersion(Base):
    """A version of a rule pack; it counts from the moment that a second person approved it."""

    __tablename__ = "rule_pack_version"
    __table_args__ = (UniqueConstraint("pack", "version"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    pack: Mapped[Word] = mapped_column(index=True)
    version: Mapped[int]
    domain: Mapped[Word]
    status: Mapped[Word]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    content: Mapped[dict[str, Any]] = mapped_column(Plain())
    state: Mapped[Word]
    created_by: Mapped[Word]
    created_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition.

    Parameters
    ----------
    code : str
        Name within the pack.
    zh, en, source : str
        Text and clause.
    test : str
        Name of a test of `tanlu.records.predicates`.
    parameters : dict
        Parameters of the test.
    unit : str
        Unit of the value seen.
    """

    code: str
    zh: str
    en: str
    source: str
    test: str
    parameters: dict[str, Any]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class RulePack:
    """Predicates that hold together; version 0 is the file that ships."""

    id: str
    domain: str
    zh: str
    en: str
    source: str
    url: str
    status: str
    valid_from: date
    valid_to: date | None
    predicates: tuple[Predicate, ...]
    version: int = 0

    def holds_on(self, day: date) -> bool:
        """Tell whether the pack is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def content(self) -> dict[str, Any]:
        """Return the pack as plain data, the form in which it is stored and read."""
        return {
            "id": self.id,
            "domain": self.domain,
            "zh": self.zh,
            "en": self.en,
            "source": self.source,
            "url": self.url,
            "status": self.status,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
            "predicates": [
                {
                    "code": p.code,
                    "zh": p.zh,
                    "en": p.en,
                    "source": p.source,
                    "test": p.test,
                    "unit": p.unit,
                    **p.parameters,
                }
                for p in self.predicates
            ],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a predicate said of a subject.

    Parameters
    ----------
    result : {"pass", "fail", "needs_person"}
    seen : str
        Value that was seen.
    look_at : str
        Fact that a person must look at, if the result needs one.
    pack, version, status
        Pack that it was tested with.
    """

    predicate: Predicate
    result: Result
    seen: str
    look_at: str
    pack: str
    version: int
    status: str

    def as_record(self, language: str) -> dict[str, object]:
        """Return the outcome as plain data."""
        return {
            "code": self.predicate.code,
            "text": self.predicate.zh if language == "zh" else self.predicate.en,
            "result": self.result,
            "seen": self.seen,
            "unit": self.predicate.unit,
            "look_at": self.look_at,
            "source": self.predicate.source,
            "pack": self.pack,
            "version": self.version,
            "status": self.status,
        }


def judge(pack: RulePack, facts: Facts) -> list[Outcome]:
    """Test every predicate of a pack on the facts of a subject, in order."""
    found = []
    for predicate in pack.predicates:
        result, seen, look_at = evaluate(predicate.test, predicate.parameters, facts)
        found.append(Outcome(predicate, result, seen, look_at, pack.id, pack.version, pack.status))
    return found


def verdict(outcomes: Iterable[Outcome]) -> Result:
    """Return ``fail`` if one failed, else ``needs_person`` if one needs a person, else ``pass``."""
    results = {o.result for o in outcomes}
    return "fail" if "fail" in results else "needs_person" if "needs_person" in results else "pass"


def pack_from(content: object, file: str, version: int = 0) -> RulePack:
    """Return the pack of plain data.

    Raises
    ------
    DataError
        With every fault: missing or unknown keys, texts in one language, unknown tests, missing parameters, codes that stand twice.
    """
    problems: list[Problem] = []
    if not isinstance(content, dict):
        raise DataError([Problem("not_key_values", file, value=str(content)[:40])])
    head = _read_head(content, file, problems)
    written = content.get("predicates")
    predicates = [
        _read_predicate(item, file, number, problems)
        for number, item in enumerate(written if isinstance(written, list) else [], 1)
    ]
    codes = [p.code for p in predicates if p is not None]
    problems += [
        Problem("name_twice", file, field="code", value=c) for c in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if not predicates:
        problems.append(Problem("empty", file, field="predicates"))
    if problems:
        raise DataError(problems)
    return RulePack(**head, predicates=tuple(p for p in predicates if p is not None), version=version)


def _read_head(content: dict[str, Any], file: str, problems: list[Problem]) -> dict[str, Any]:
    head: dict[str, Any] = {"url": "", "valid_to": None}
    for key in content.keys() - PACK_KEYS.keys():
        problems.append(Problem("unknown_key", file, field=str(key), details={"allowed": ", ".join(PACK_KEYS)}))
    for key, kind in PACK_KEYS.items():
        value = content.get(key)
        if value in (None, ""):
            if key not in OPTIONAL:
                problems.append(Problem("missing_key", file, field=key))
        elif kind is date:
            try:
                head[key] = date.fromisoformat(str(value))
            except ValueError:
                problems.append(Problem("not_a_date", file, field=key, value=str(value)))
        elif key != "predicates":
            head[key] = str(value)
    if "status" in head and head["status"] not in STATUSES:
        details = {"refers_to": "status", "some": ", ".join(STATUSES)}
        problems.append(Problem("unknown_choice", file, field="status", value=head["status"], details=details))
    return head


def _exact(value: Any) -> Any:
    """Return a parameter without floats: YAML reads 0.05 as a float, its shortest text is exact."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_exact(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _exact(v) for k, v in value.items()}
    return value


def _read_predicate(item: object, file: str, number: int, problems: list[Problem]) -> Predicate | None:
    place = f"predicates[{number}]"
    if not isinstance(item, dict):
        problems.append(Problem("not_key_values", file, field=place, value=str(item)[:40]))
        return None
    fields = {key: str(item.get(key) or "") for key in PREDICATE_KEYS}
    problems += [Problem("missing_key", file, field=f"{place}.{k}") for k, v in fields.items() if not v and k != "unit"]
    test = TESTS.get(fields["test"])
    parameters = {str(k): _exact(v) for k, v in item.items() if k not in PREDICATE_KEYS}
    if fields["test"] and test is None:
        details = {"refers_to": "tests", "some": ", ".join(TESTS)}
        problems.append(Problem("unknown_choice", file, field=f"{place}.test", value=fields["test"], details=details))
    if test is not None:
        problems += [Problem("missing_key", file, field=f"{place}.{k}") for k in test.needs if k not in parameters]
        allowed = {*test.needs, "field"}
        problems += [
            Problem("unknown_key", file, field=f"{place}.{k}", details={"allowed": ", ".join(sorted(allowed))})
            for k in parameters.keys() - allowed
        ]
        reason = parameter_fault(fields["test"], parameters)
        if reason:
            problems.append(Problem("rule_limit", file, field=place, value=str(parameters), details={"reason": reason}))
    return Predicate(**{k: fields[k] for k in PREDICATE_KEYS}, parameters=parameters)


def read_packs(*folders: Path) -> dict[str, list[RulePack]]:
    """Read the packs of folders, and those that ship with this room. Editions of a pack stand in files of their own.

    Of two editions from the same day, `pack_on` takes that of the folder that was named first; what ships comes last.

    Raises
    ------
    DataError
        With the faults of all files.
    """
    chosen = (*folders, Path(str(files("tanlu.records") / "data" / "rules")))
    packs: dict[str, list[RulePack]] = {}
    problems: list[Problem] = []
    for path in (p for folder in chosen for p in sorted(folder.glob("*.yaml"))):
        content = read_yaml(path, path.parent, problems)
        if content is None:
            continue
        try:
            pack = pack_from(content, path.name)
        except DataError as error:
            problems += error.problems
            continue
        packs.setdefault(pack.id, []).append(pack)
    if problems:
        raise DataError(problems)
    return packs


def pack_on(
    session: Session, shipped: dict[str, list[RulePack]], pack_id: str, day: date, known: datetime | None = None
) -> RulePack:
    """Return the pack in force on a day, as it was known at a moment.

    The newest approved version of the database that is in force comes first, then the files.

    Raises
    ------
    RefusedError
        If there is none.
    """
    statement = select(RulePackVersion).where(
        RulePackVersion.pack == pack_id,
        RulePackVersion.state == "approved",
        RulePackVersion.valid_from <= day,
        or_(RulePackVersion.valid_to.is_(None), RulePackVersion.valid_to >= day),
    )
    if known is not None:
        statement = statement.where(RulePackVersion.approved_at <= known)
    found = session.execute(statement.order_by(RulePackVersion.version.desc()).limit(1)).scalar_one_or_none()
    if found is not None:
        return pack_from(found.content, f"{pack_id}/{found.version}", found.version)
    fitting = [p for p in shipped.get(pack_id, []) if p.holds_on(day)]
    if not fitting:
        details = {"day": day.isoformat(), "known": ", ".join(sorted(shipped)) or "-"}
        raise RefusedError(Problem("no_rule_pack", "rules", value=pack_id, details=details))
    return max(fitting, key=lambda p: p.valid_from)


def draft_pack(change: Change, content: dict[str, Any]) -> RulePackVersion:
    """Store a new version of a pack as a draft; the workflow ``rule-pack`` leads it to approval.

    Raises
    ------
    DataError
        With every fault of the pack.
    """
    pack = pack_from(content, str(content.get("id", "")))
    statement = select(func.max(RulePackVersion.version)).where(RulePackVersion.pack == pack.id)
    number = (change.session.execute(statement).scalar_one_or_none() or 0) + 1
    version = RulePackVersion(
        id=new_id(),
        pack=pack.id,
        version=number,
        domain=pack.domain,
        status=pack.status,
        valid_from=pack.valid_from,
        valid_to=pack.valid_to,
        content=pack.content(),
        state="draft",
        created_by=change.actor,
        created_at=change.at,
    )
    change.session.add(version)
    change.session.flush()
    return version


def versions_of(session: Session, pack_id: str) -> Sequence[RulePackVersion]:
    """Return all versions of a pack, newest first."""
    statement = select(RulePackVersion).where(RulePackVersion.pack == pack_id)
    return session.execute(statement.order_by(RulePackVersion.version.desc())).scalars().all()
