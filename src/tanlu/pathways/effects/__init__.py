"""What follows from a run of the pathway model: other gases, costs by actor, jobs and air pollutants.

In: a `tanlu.pathways.Result` with final energy, the parameters of its run, and the folder ``pathways/effects`` of the province. Out: arrays
[n, T, …] with units and the grade of the weakest number behind them. The CO2 of the run is not changed by anything here.
"""

from tanlu.pathways.effects.data import EffectsData, SectorUse, load_effects
from tanlu.pathways.effects.run import Effects, effects
from tanlu.pathways.effects.tables import EffectTables, effect_tables

__all__ = ["EffectTables", "Effects", "EffectsData", "SectorUse", "effect_tables", "effects", "load_effects"]
