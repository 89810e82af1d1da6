"""The account of a month or other days, made from a ledger, the province folder and the statistics that have arrived."""

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
    """Return the account of the province of a ledger from the first of a month to a day of it; as `account_of_days`."""
    return account_of_days(ledger, day.replace(day=1), day, known_on)


def account_of_days(
    ledger: Ledger, first: datetime.date, last: datetime.date, known_on: datetime.date
) -> account.Nowcast:
    """Return the account of the province of a ledger from a day to another.

    Parameters
    ----------
    ledger : Ledger
    first, last : date
        Both included; days of which nothing is read are those of the proxies.
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
    start, end = (first - _EPOCH).days, (last - _EPOCH).days
    days = [first + datetime.timedelta(days=n) for n in range(end - start + 1)]
    book = factor_book(region, ledger.path / "factors.csv")
    meters = sources.metered_sectors(ledger, region, start, end, book, data, inventory.year, known_on)
    return account.nowcast(inventory, data, meters, days, known_on, vintages.revision_error(revisions(ledger)))


def revisions(ledger: Ledger) -> vintages.Triangle:
    """Return what was published of the province of a ledger, by period and moment."""
    return vintages.triangle(vintages.publication_desk(ledger.catalog).items(), ledger.province)
