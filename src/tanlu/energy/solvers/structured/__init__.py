"""Interior-point solver of linear programmes that have the structure of energy systems; see `solve`."""
