"""Methods of analysis that know nothing of the pathway model: arrays in, arrays out, one method a module.

Index decomposition (`lmdi`, `kaya`), decoupling (`tapio`), elasticities (`stirpat`), learning, diffusion, decay and survival curves, fair
division (`shapley`), and sensitivity of any function (`morris`, `sobol`). Public names are imported from `tanlu.pathways`.
"""
