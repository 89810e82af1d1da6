"""Carbon stocks and sinks of land.

In: surveys of forest stock in a province folder, and ``land/forest.yaml``, which names them.
Out: inventory rows of the land categories (removals negative).
It must not know other emissions, pathways or targets.
"""

from tanlu.land.forest import forest_rows
from tanlu.land.settings import ForestSettings, load_forest

__all__ = ["ForestSettings", "forest_rows", "load_forest"]
