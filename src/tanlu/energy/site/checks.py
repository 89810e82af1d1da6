"""Whether a site can be what it says: every need has a supply that is large enough, and every device what it depends on."""

from __future__ import annotations

from tanlu.core.messages import LANGUAGES, translate
from tanlu.energy.checks.wording import figure
from tanlu.energy.reading.report import Report
from tanlu.energy.site.model import Site

_ROUNDING = 1e-9


def check_site(report: Report, site: Site) -> None:
    """Tell everything that cannot be."""
    _check_supply(report, site)
    _check_profiles(report, site)
    _check_vehicles(report, site)
    if site.flexible is not None and "electricity" in site.needs:
        least = float(site.needs["electricity"].min() / max(site.needs["electricity"].mean(), 1e-12))
        if site.flexible.share > least + _ROUNDING:
            report.entry("site_flexible", ("flexible", "share"), figure(site.flexible.share), most=f"{least:.2f}")


def _check_supply(report: Report, site: Site) -> None:
    heat = sum(device.capacity for device in (site.heat_pump, site.gas_boiler) if device is not None)
    if site.chp is not None:
        chp = site.chp
        ratio = (
            1.0 / (1.0 / chp.extraction_ratio + chp.extraction_loss)
            if chp.extraction and chp.extraction_ratio
            else chp.heat_efficiency / chp.electric_efficiency
        )
        heat += chp.capacity * ratio
    cold = site.chiller.capacity if site.chiller is not None else 0.0
    power = site.grid.capacity + sum(d.capacity for d in (site.chp, site.thermal, site.hydro) if d is not None)
    for use, supply in (("heat", heat), ("cooling", cold), ("electricity", power)):
        peak = float(site.needs[use].max()) if use in site.needs else 0.0
        if peak > supply * (1 + 1e-6) + _ROUNDING:
            words = {f"use_{language}": translate(f"energy.site.use.{use}", language) for language in LANGUAGES}
            report.entry("site_supply", ("loads",), figure(peak), supply=figure(supply), **words)


def _check_profiles(report: Report, site: Site) -> None:
    for device, profile in (("pv", "pv"), ("wind", "wind"), ("hydro", "inflow")):
        if getattr(site, device) is not None and profile not in site.profiles:
            report.entry("site_no_profile", (device,), profile)


def _check_vehicles(report: Report, site: Site) -> None:
    for k, group in enumerate(site.vehicles):
        most = group.charger * group.stay * group.efficiency
        if group.energy_per_day > most + _ROUNDING:
            values = {"most": figure(1e3 * most), "stay": group.stay}
            place = ("vehicles", k, "energy_per_day")
            report.entry("site_vehicles", place, figure(1e3 * group.energy_per_day), **values)
        if group.energy_per_day > group.battery + _ROUNDING:
            place = ("vehicles", k, "battery")
            values = {"need": figure(1e3 * group.energy_per_day)}
            report.entry("site_vehicle_battery", place, figure(1e3 * group.battery), **values)
