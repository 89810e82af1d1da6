"""Weather for energy systems: synthetic years that are calibrated and seeded, and readers of measured ones.

From the tables in the folder ``weather`` of an energy system this makes its hourly profiles: sun and wind as output over capacity, inflow
of rivers, load and heat over their means. Places that are near to each other have like weather; monthly means, full-load hours and peaks
are those of the tables. The shipped profiles were made by `write_profiles`, so pvlib is needed only to make others.

A user's own weather comes from an EPW file by `read_epw`, or directly as CSV profiles in the folder of the system.
"""

from tanlu.energy.weather.air import AirClimate, degree_hours, heat_pump_cop
from tanlu.energy.weather.epw import StationYear, read_epw
from tanlu.energy.weather.load import LoadClimate, Sector
from tanlu.energy.weather.profiles import make_profiles, profile_text, write_profiles
from tanlu.energy.weather.river import RiverClimate
from tanlu.energy.weather.settings import WeatherYear, read_weather_year
from tanlu.energy.weather.sun import PvPlant, SkyClimate
from tanlu.energy.weather.wind import WindClimate, WindFarm, hub_speed

__all__ = [
    "AirClimate",
    "LoadClimate",
    "PvPlant",
    "RiverClimate",
    "Sector",
    "SkyClimate",
    "StationYear",
    "WeatherYear",
    "WindClimate",
    "WindFarm",
    "degree_hours",
    "heat_pump_cop",
    "hub_speed",
    "make_profiles",
    "profile_text",
    "read_epw",
    "read_weather_year",
    "write_profiles",
]
