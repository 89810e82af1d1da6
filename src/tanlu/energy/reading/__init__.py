"""From a folder of YAML and CSV to a `System`, with everything that is wrong told at once.

In goes a folder with ``system.yaml`` and, beside it where needed, ``nodes.csv``, ``technologies.csv``, ``parameters.csv``, ``assets.csv``,
``lines.csv``, ``sources.csv`` and ``profiles/*.csv``; out comes a system whose numbers know their source, grade and line.

Units. Every number has one: as a column of a table, or behind the number in ``system.yaml`` (``3500 CNY/kW``, ``8 GW``, ``0.4 元/千瓦时``).
It is converted to the unit that the component declares; for carriers that are counted by mass, t stands for MWh and t/h for MW. Prices
are of the one price year of the system.

Names. A template over nodes makes one component a node, called ``node.technology``. A profile called x is looked for as
``component.x``, ``node.x`` and ``x``.

Which number counts. A row of ``parameters.csv`` for the component itself, else what the template in ``system.yaml`` says, else a row for
its technology. By year, it is interpolated linearly and constant beyond the first and last.
"""

from tanlu.energy.reading.folder import read_system, system_folder

__all__ = ["read_system", "system_folder"]
