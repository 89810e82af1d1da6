"""The registries kept: laboratories, centres, institutions, talents, teams, firms, incubators and science bases on the system of record.

In: reports of recognition, renewal, move and lapse, one by one or as a table, with evidence. Out: entries checked by a second person,
lists, counts as known on a date. A room of records: `tanlu.programme.registries` counts, this room keeps. It must not know targets or
pages.
"""

from tanlu.programme.registry.tables import RegistryEntry, RegistryTeam, RegistryVersion

ROOM = "tanlu.programme.registry"
"""Name under which `tanlu.records.Records.open` takes the tables of this room."""

__all__ = ["ROOM", "RegistryEntry", "RegistryTeam", "RegistryVersion"]
