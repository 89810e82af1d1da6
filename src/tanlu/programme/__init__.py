"""The innovation programme: calls, applications, experts, review, contracts, projects, registries.

Calculation (conflicts, assignment, scores, budgets, signals) takes plain records and returns plain records; what is kept goes through the
system of record, whose every change is logged.
"""
