"""Data that every province shares: emission factors, their sources and labels, areas, method sets; `tanlu.core.library` reads them."""
