"""Who may keep an account in a workspace, and who sees it: whoever kept it, and those who oversee the whole province.

Where nobody can sign in, because the system of record has no people yet or there is none, the workspace belongs to whoever opens it.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final

from fastapi import Request

from tanlu.portal.accounts.store import AccountInfo, AccountStore
from tanlu.portal.service import NotFoundError
from tanlu.portal.session.identity import Identity, unknown_visitor

OVERSEEING: Final = frozenset({"province_officer", "auditor", "admin"})
"""Roles that see every account."""


class AccountRights:
    """Answers for each request which accounts it concerns.

    Parameters
    ----------
    identity : Identity
    store : AccountStore
        The ids of those who kept an account lie beside its folder, one a line; the folder itself stays as it was written.
    """

    def __init__(self, identity: Identity, store: AccountStore) -> None:
        self._identity, self._store = identity, store
        self._lock = Lock()

    def _file(self, key: str) -> Path:
        return self._store.folder / f"{key}.people"

    @property
    def one_person(self) -> bool:
        """Whether nobody can sign in, so that whoever opens the workspace has it for his own."""
        return self._identity.nobody_signs_in

    def may_keep(self, request: Request) -> bool:
        """Return whether an account of this visitor may be kept."""
        return self._identity.may_keep(request)

    def check_keep(self, request: Request) -> None:
        """Refuse to keep an account of nobody.

        Raises
        ------
        NotAuthenticatedError
            If nobody is signed in.
        """
        if not self.may_keep(request):
            raise unknown_visitor(request)

    def kept(self, request: Request, key: str) -> None:
        """Note who kept an account; two who send the same files have the same one."""
        if self.one_person:
            return
        person, path = self._identity.caller(request).principal.person_id, self._file(key)
        with self._lock, path.open("a+", encoding="utf-8") as file:
            file.seek(0)
            if person not in file.read().split():
                file.write(f"{person}\n")

    def sees(self, request: Request, key: str) -> bool:
        """Return whether an account may be shown."""
        if self.one_person:
            return True
        caller, path = self._identity.caller(request), self._file(key)
        if not caller.known or caller.must_change:
            return False
        if OVERSEEING.intersection(caller.roles):
            return True
        return path.is_file() and caller.principal.person_id in path.read_text(encoding="utf-8").split()

    def infos(self, request: Request) -> list[AccountInfo]:
        """Return the accounts that may be shown, those kept last first."""
        return [info for info in self._store.infos() if self.sees(request, info.key)]

    def check(self, request: Request) -> None:
        """Hold the address of an account back from those who may not see it; a dependency of routes.

        Raises
        ------
        NotAuthenticatedError
            If nobody is signed in.
        NotFoundError
            If the account is somebody else's: whether there is one is not told.
        """
        key = str(request.path_params.get("key", ""))
        if not key or self.sees(request, key):
            return
        self.check_keep(request)
        raise NotFoundError("portal.missing.account", key)
