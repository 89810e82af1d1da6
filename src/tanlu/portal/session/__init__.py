"""Who asks: identity, forms that are sent once, and desks for those who work with the system of record."""
