"""Do the readings of an enterprise fit together, and do they look measured? Ranked cases with evidence, at a stated rate of false ones.

In: series of stacks, fuel, output, electricity by enterprise. Out: p-values by test, one by enterprise, cases at a false discovery rate.
A case says what does not fit and what was expected; it accuses nobody. It must not know pages or who decides.
"""
