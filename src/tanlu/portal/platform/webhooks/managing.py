"""Adding, trying and removing receivers on behalf of a person, the same for API and page: the right is asked, the change is logged."""

from __future__ import annotations

from collections.abc import Sequence

from tanlu.core.errors import DataError
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.platform.webhooks.outbox import Hook, Outbox
from tanlu.portal.platform.webhooks.registering import register, send_test
from tanlu.portal.service import Workspace
from tanlu.records import Principal, Records, RefusedError

RIGHT = "webhook.manage"


class Receivers:
    """Receivers of a workspace, for those who may manage them.

    Parameters
    ----------
    outbox : Outbox
    runs : Workspace
        Runs, of which a receiver hears what comes after its registration.
    monitoring : Monitoring
        Alerts, likewise.
    """

    def __init__(self, outbox: Outbox, runs: Workspace, monitoring: Monitoring) -> None:
        self.outbox, self.runs, self.monitoring = outbox, runs, monitoring

    def add(self, records: Records, who: Principal, url: str, kinds: Sequence[str], label: str) -> tuple[Hook, str]:
        """Register a receiver; return it with its secret, which is shown this once.

        Raises
        ------
        RefusedError
            If the person may not, or the address or a kind cannot be used.
        """
        records.rights.require(who, RIGHT)
        with records.database.change(who.person_id, "webhook.add", "webhook", details={"url": url}) as change:
            try:
                hook, secret = register(self.outbox, self.runs, self.monitoring, url, kinds, label, who.person_id)
            except DataError as error:
                raise RefusedError(*error.problems) from None
            change.details["id"] = hook.id
        return hook, secret

    def find(self, hook_id: str) -> Hook:
        """Return an active receiver.

        Raises
        ------
        RefusedError
            If there is none of that id.
        """
        try:
            return self.outbox.find(hook_id)
        except DataError as error:
            raise RefusedError(*error.problems) from None

    def remove(self, records: Records, who: Principal, hook_id: str) -> None:
        """Send nothing more to a receiver.

        Raises
        ------
        RefusedError
            If the person may not, or there is no such receiver.
        """
        self._require(records, who, hook_id)
        with records.database.change(who.person_id, "webhook.remove", f"webhook:{hook_id}"):
            self.outbox.remove(hook_id)

    def try_out(self, records: Records, who: Principal, hook_id: str) -> str:
        """Put a test message into the outbox; return its id.

        Raises
        ------
        RefusedError
            If the person may not, or there is no such receiver.
        """
        self._require(records, who, hook_id)
        return send_test(self.outbox, hook_id)

    def _require(self, records: Records, who: Principal, hook_id: str) -> None:
        records.rights.require(who, RIGHT)
        self.find(hook_id)
