"""The system of record: organisations, people and rights, rules and workflows as data, evidence, and the tamper-evident log."""
