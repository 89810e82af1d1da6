"""Pages of the plan's technologies, targets and systems."""
