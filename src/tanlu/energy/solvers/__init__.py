"""Solvers of linear programmes behind one contract; an independent check decides whether an answer counts."""
