"""The account of a month up to a day, made from a ledger, the province folder and the statistics that have arrived."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Final

from tanlu.core.province import load_province, province_folder
from tanlu.monitor.factors import factor_book
from tanlu.monitor.nowcast import account, proxies, sources, vintages

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger

_EPOCH: Final = datetime.date(1970, 1, 1)


def account_of_month(ledger: Ledger, day: datetime.date, known_on: datetime.date) -> account.Nowcast:
    """Return the account of the province of a ledger from the first of a month to a day of it.

    Parameters
    ----------
    ledger : Ledger
    day : date
    known_on : date
        Statistics published later are not used.

    Raises
    ------
    DataError
        If the province has no inventory or no statistics for it, or facts cannot be read.
    """
    region = ledger.province
    province = load_province(province_folder(region))
    data = proxies.read_proxies(province, vintages.kept_statistics(ledger.catalog))
    inventory = sources.last_inventory(province)
    days = [day.replace(day=n) for n in range(1, day.day + 1)]
    last = (day - _EPOCH).days
    book = factor_book(region, ledger.path / "factors.csv")
    meters = sources.metered_sectors(ledger, region, last - day.day + 1, last, book, data, inventory.year, known_on)
    return account.nowcast(inventory, data, meters, days, known_on, vintages.revision_error(revisions(ledger)))


def revisions(ledger: Ledger) -> vintages.Triangle:
    """Return what was published of the province of a ledger, by period and moment."""
    return vintages.triangle(vintages.publication_desk(ledger.catalog).items(), ledger.province)
