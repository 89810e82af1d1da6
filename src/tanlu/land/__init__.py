"""Carbon stocks and sinks of land.

In: surveys of forest stock in a province folder. Out: inventory rows of the land categories (removals negative).
It must not know other emissions, pathways or targets.
"""

from tanlu.land.forest import biomass_removal, forest_rows

__all__ = ["biomass_removal", "forest_rows"]
