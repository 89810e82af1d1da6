"""Write the errors of the hindcast into its method page."""

from __future__ import annotations

from pathlib import Path

from tanlu.accounts import build_inventory
from tanlu.core.province import load_province, province_folder
from tanlu.land import forest_rows
from tanlu.pathways import load_pathways
from tanlu.pathways.hindcast import VARIANTS, error_tables, hindcast_errors

PAGE = Path(__file__).parents[1] / "docs" / "methods" / "hindcast.md"
BEGIN, END = "<!-- errors:begin -->\n", "<!-- errors:end -->"


def tables() -> str:
    """Return the errors of both variants as Markdown."""
    folder = province_folder("hunan")
    province, data = load_province(folder), load_pathways(folder)
    inventory = build_inventory(province, forest_rows(province))
    return error_tables([hindcast_errors(data, inventory, province, variant=v) for v in VARIANTS])


def main() -> None:
    """Replace the tables between the marks."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(before + BEGIN + tables() + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
