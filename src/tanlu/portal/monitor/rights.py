"""Who sees what of monitoring: the province as a whole is public, what lies below it is for those who have a right to it.

Officers see their region, firms what is registered under the unified social credit code of their organisation. Suspicions are for officers
and auditors: a firm learns of one from the officer. Where nobody can sign in, the workspace belongs to whoever opens it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from fastapi import Request
from sqlalchemy import select

from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.service import NotFoundError
from tanlu.portal.session.identity import PUBLIC, Identity, unknown_visitor
from tanlu.records import Organisation, Target

if TYPE_CHECKING:
    from tanlu.monitor.registry import Unit
    from tanlu.records import Principal

READ: Final = "monitor.read"
SUSPICIONS: Final = "suspicion.read"
ALERTS: Final = "alert.read"
INTAKE: Final = "intake.read"
ACT: Final = {"case": "suspicion.act", "alert": "alert.act"}
"""Rights to act on what stands on a desk."""
FEWEST: Final = 3
"""Connected firms from which on sums of the whole province are public; with fewer, one of them could tell what the other uses. The number
is an assumption of this project (grade D) that follows the habit of official statistics."""


class NothingRegisteredError(NotFoundError):
    """Somebody may see what is registered for their organisation, and nothing is."""

    def __init__(self) -> None:
        super().__init__("portal.missing.own_units", "")


class MonitorRights:
    """Answers for each request what of the ledger may be shown.

    Parameters
    ----------
    identity : Identity
    monitoring : Monitoring
    """

    def __init__(self, identity: Identity, monitoring: Monitoring) -> None:
        self.identity, self._monitoring = identity, monitoring

    def seen(self, request: Request, action: str) -> Callable[[str], bool]:
        """Return what tells of the id of a unit or region whether somebody may do an action there.

        An id that is not registered, that of a target of the plan for example, stands for the province.
        """
        if self.identity.nobody_signs_in:
            return lambda name: True
        who, own = self._who(request)
        m, rights = self._monitoring, self.identity.records.rights
        units, code_of, province = m.registry.units, m.registry.code_of, m.ledger().province

        def sees(name: str) -> bool:
            known = name if name in units else province
            target = Target(region=units[known].region, organisation_id=own.get(code_of(known)) if own else None)
            return rights.allows(who, action, target)

        return sees

    def may(self, request: Request, action: str, name: str | None = None) -> bool:
        """Return whether somebody may do an action in a unit or region; without one, whether anywhere."""
        if name is not None:
            return self.seen(request, action)(name)
        if self.identity.nobody_signs_in:
            return True
        return self.identity.records.rights.allows(self._who(request)[0], action)

    def check(self, request: Request, action: str, name: str | None = None) -> None:
        """Do nothing if somebody may do an action in a unit or region; without one, if anywhere.

        Raises
        ------
        NotAuthenticatedError
            If nobody is signed in.
        NotPermittedError
            If the person has no such right there, or must change the password first.
        """
        if self.may(request, action, name):
            return
        if not self.identity.caller(request).known:
            raise unknown_visitor(request)
        who = self.identity.principal(request)
        self.identity.records.rights.require(who, action, Target())

    def homes(self, request: Request, action: str = READ) -> list[Unit]:
        """Return the regions and units to which the rights of somebody reach, each of them the highest one."""
        m = self._monitoring
        units, province = m.registry.units, m.ledger().province
        if self.identity.nobody_signs_in:
            return [units[province]]
        who, own = self._who(request)
        found: dict[str, Unit] = {}
        for grant, reach in self.identity.records.rights.reaches(who, action):
            if reach == "all":
                found[province] = units[province]
            elif reach == "region" and grant.region is not None and grant.region in units:
                found[grant.region] = units[grant.region]
            elif reach == "unit":
                found |= {u.id: u for code in own for u in m.registry.units_of_code(code)}
        return [u for u in found.values() if not found.keys() & {above.id for above in m.registry.ancestors(u.id)}]

    def place(self, request: Request, name: str, action: str = READ) -> Unit:
        """Return the unit or region that is asked for; without a name the first of those that somebody may see.

        Raises
        ------
        NotAuthenticatedError
            If nobody is signed in.
        NotPermittedError
            If it is out of reach.
        NotFoundError
            If it does not exist.
        NothingRegisteredError
            If none is asked for, and nothing is registered for the organisation of the person.
        """
        self.check(request, action)
        if not name:
            homes = self.homes(request, action)
            if not homes:
                raise NothingRegisteredError
            return homes[0]
        found = self._monitoring.unit(name)
        self.check(request, action, found.id)
        return found

    def sees_whole(self, request: Request) -> bool:
        """Return whether sums of the whole province may be shown: everybody sees them if enough firms are in them."""
        registry, province = self._monitoring.registry, self._monitoring.ledger().province
        return registry.counts[province][0] >= FEWEST or self.may(request, READ, province)

    def check_whole(self, request: Request) -> None:
        """Do nothing if sums of the whole province may be shown; raises as `check`."""
        if not self.sees_whole(request):
            self.check(request, READ, self._monitoring.ledger().province)

    def actor(self, request: Request, kind: str, name: str, language: str = "zh") -> str | None:
        """Return the name of whoever may act on a case or alert of a unit: empty where everybody gives their own, None without right."""
        if self.identity.nobody_signs_in:
            return ""
        if not self.may(request, ACT[kind], name):
            return None
        caller = self.identity.caller(request)
        return caller.en if language == "en" and caller.en else caller.zh

    def _who(self, request: Request) -> tuple[Principal, dict[str, str]]:
        """Return who asks, and the organisations that their roles were given for, id by unified social credit code."""
        known: tuple[Principal, dict[str, str]] | None = getattr(request.state, "monitor_who", None)
        if known is None:
            caller = self.identity.caller(request)
            who = PUBLIC.principal if caller.must_change else caller.principal
            ids = sorted({name for grant in who.grants for name in grant.units})
            known = who, self._codes(ids) if ids else {}
            request.state.monitor_who = known
        return known

    def _codes(self, ids: list[str]) -> dict[str, str]:
        query = select(Organisation.uscc, Organisation.id).where(Organisation.id.in_(ids))
        with self.identity.records.database.read() as session:
            return {code: name for code, name in session.execute(query) if code}
