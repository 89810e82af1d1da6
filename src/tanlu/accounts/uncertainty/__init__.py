"""How sure results are: propagation, Monte Carlo, key categories, what to measure next."""
