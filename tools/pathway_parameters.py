"""Write the declared parameters of the pathway engine into its method page."""

from __future__ import annotations

from pathlib import Path

from tanlu.pathways.parameters import parameter_table

PAGE = Path(__file__).parents[1] / "docs" / "methods" / "pathway-engine.md"
BEGIN, END = "<!-- parameters:begin -->\n", "<!-- parameters:end -->"


def main() -> None:
    """Replace the table between the marks."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(before + BEGIN + parameter_table() + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
