"""Pages of the system of record: people, organisations, rights and the log."""
