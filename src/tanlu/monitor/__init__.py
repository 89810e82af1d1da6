"""Meter and stack readings → hourly facts → emissions as they happen; data quality; nowcast.

The way of a reading: a **registry** says what each meter measures and whom it belongs to; the **ledger** keeps every reading as it came,
append-only, with the moment it became known; closed **operators** turn readings into hourly facts; emissions are a view of facts and
factors. What late data touched is computed again, nothing else.
"""
