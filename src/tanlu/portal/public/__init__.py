"""What everybody may see in plain language: progress, open data, glossary, the tour of a first visit, and what has changed."""
