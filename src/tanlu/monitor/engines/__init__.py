"""Engines that turn readings into hourly facts: embedded DuckDB, the compiled kernel, and clusters that run the same SQL.

An engine takes readings by day and gives facts by day, or refuses by name when it does not answer the cases of conformance.
"""
