"""Write the generated pages of ``docs/reference``: commands, data dictionary, Python API, REST API.

``python tools/reference.py`` writes them; ``python tools/reference.py --check`` ends with 1 if one is out of date.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
ROOMS = (
    "core", "plan", "accounts", "land", "monitor", "energy", "pathways", "records", "programme", "assessment",
    "charts", "reports", "portal", "job",
)  # fmt: skip
HEAD = "<!-- written by tools/reference.py -->\n"
EXAMPLE = re.compile(r"^(例 Example: )(tanlu .+)$", re.MULTILINE)
"""The last line of the help of a command."""


def command_pages(command: Any, name: str, level: int = 2) -> list[str]:
    """Return the section of a command and, for a group, of its sub-commands."""
    context = command.make_context(name, [], resilient_parsing=True)
    said = EXAMPLE.sub(r"\1`\2`", inspect.cleandoc(command.help or "").replace("\f", ""))
    lines = [f"{'#' * level} `{name}`", "", said, ""]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    if options or arguments:
        lines += ["| argument | meaning | default |", "| --- | --- | --- |"]
        for parameter in (*arguments, *options):
            label = (
                parameter.opts[0]
                if parameter.param_type_name == "option"
                else (parameter.metavar or parameter.name.upper())
            )
            text = str(getattr(parameter, "help", "") or "").replace("|", "\\|").replace("<", "&lt;")
            default = (
                parameter.default if isinstance(parameter.default, str | int) and parameter.default is not False else ""
            )
            lines.append(f"| `{label}` | {text} | {'yes' if default is True else default} |")
        lines.append("")
    if hasattr(command, "list_commands"):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                lines += command_pages(found, f"{name} {sub}", level + 1)
    return lines


def commands() -> str:
    """Return the page of the commands."""
    from tanlu.cli import app

    return "\n".join([HEAD + "# Commands", "", *command_pages(typer.main.get_command(app), "tanlu")]).rstrip() + "\n"


def data_dictionary() -> str:
    """Return the page of the tables of a province folder."""
    from tanlu.core.schema import TABLES

    lines = [
        HEAD + "# Data dictionary",
        "",
        "Tables of a province folder. `tanlu data check` holds a folder against this page.",
        "",
    ]
    for table in TABLES:
        lines += [f"## `{table.file}`", "", f"{table.purpose}. Key: {', '.join(table.key)}.", ""]
        lines += ["| column | holds | may be empty | note |", "| --- | --- | --- | --- |"]
        for c in table.columns:
            note = c.note.replace("|", "\\|")
            lines.append(f"| {c.name} | {c.kind} | {'' if c.required else 'yes'} | {note} |")
        lines.append("")
    lines += [*inventory_settings(), *forest_settings(), "", *run_tables()]
    return "\n".join(lines).rstrip() + "\n"


KINDS = {
    "text": "text", "number": "number", "amount": "number, not negative", "some texts": "list of texts, not empty",
     "integer": "whole number", "texts": "list of texts", "names": "texts by name",
    "numbers": "numbers by name, not negative", "ids": "by role, the id of a factor or a list of ids with dates",
    "series": "list of [variable, unit, positive multiplier]", "reports": "list of [variable, list of sectors]",
    "integers": "list of whole numbers", "mapping": "entries by name", "list": "list of entries",
}  # fmt: skip
"""What stands under a key of the settings, by kind."""


def inventory_settings() -> list[str]:
    """Return the section on the settings of the inventory: keys by section, and the methods that outputs may name."""
    from tanlu.accounts.province.formulas import formula, formula_names
    from tanlu.accounts.province.shape import KEYS, SECTIONS

    lines = [
        "## `accounts/inventory.yaml`",
        "",
        "How the inventory is made. A section that is left out means NE with a reason.",
        "",
    ]
    lines += ["| section | key | holds | may be left out |", "| --- | --- | --- | --- |"]
    for section, kind in SECTIONS.items():
        lines.append(f"| {section} | | {KINDS[kind] if section not in ('electricity', 'imports') else 'keys'} | yes |")
        nested = {"splits": ("branches",), "imports": ("by_hours",)}.get(section, ())
        for part in (section, *nested) if section in KEYS else ():
            for key, of in KEYS[part].items():
                label = key if part == section else f"{part}: {key}"
                lines.append(f"| {section} | {label} | {KINDS[of.rstrip('!')]} | {'' if of.endswith('!') else 'yes'} |")
    lines += [
        "",
        "Methods that `method` of an output may name, with the unit of the series and the inputs that factors must or may fill:",
        "",
    ]
    lines += ["| method | gases | series | must | may |", "| --- | --- | --- | --- | --- |"]
    for slug in formula_names():
        used = formula(slug)
        if used is None:
            continue
        roles = {role: f"{role} [{used.unit_of(role)}]" for role in used.roles}
        must = ", ".join(roles[r] for r in used.required)
        may = ", ".join(text for r, text in roles.items() if r not in used.required)
        lines.append(f"| {slug} | {', '.join(used.gases)} | {used.activity.name} [{used.unit}] | {must} | {may} |")
    return [*lines, ""]


def forest_settings() -> list[str]:
    """Return the section on the settings of forests."""
    from tanlu.land.settings import ROLES, VOLUME

    roles = ", ".join(f"{role} [{unit}]" for role, unit in ROLES.items())
    return [
        "## `land/forest.yaml`",
        "",
        "How the change of forest biomass is made; without the file every year says NE.",
        "",
        "| key | holds |",
        "| --- | --- |",
        f"| surveys | variables of stem volume [{VOLUME}], each of one definition |",
        "| survey_error | relative standard uncertainty of one survey |",
        f"| factors | id of the factor of each role: {roles} |",
    ]


def run_tables() -> list[str]:
    """Return the section on the tables of a run, which are also the open data sets, by their record classes."""
    from tanlu.portal.public.datasets import DATASETS, declared_fields, meaning

    lines = [
        "## Tables of a run",
        "",
        "`results/<run-id>/NAME.csv`, and `/api/v1/data/NAME.csv`, `.json`, `.parquet`.",
        "",
    ]
    for found in DATASETS.values():
        lines += [f"### `{found.id}`", "", found.text("en"), "", "| column | holds | may be empty | meaning |"]
        lines += ["| --- | --- | --- | --- |"]
        for c in declared_fields(found):
            lines.append(f"| {c.name} | {c.kind} | {'yes' if c.optional else ''} | {meaning(found, c.name, 'en')} |")
        if found.id in ("pathways", "levers"):
            more = "a column a year" if found.id == "pathways" else "a column a world with its setting"
            lines.append(f"| … | number | yes | {more} |")
        lines.append("")
    return lines


def python_api() -> str:
    """Return the page of the public names of every room."""
    lines = [HEAD + "# Python API", "", "Public names by room, with the first line of their docstrings.", ""]
    for room in ROOMS:
        module = importlib.import_module(f"tanlu.{room}")
        lines += [
            f"## `tanlu.{room}`",
            "",
            re.sub(r"::$", ":", inspect.cleandoc(module.__doc__ or ""), flags=re.MULTILINE),
            "",
        ]
        for name in sorted(getattr(module, "__all__", [])):
            found = getattr(module, name)
            doc = inspect.getdoc(found) if inspect.isclass(found) or inspect.isfunction(found) else None
            lines.append(f"- `{name}`" + (f": {doc.splitlines()[0]}" if doc else ""))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def told(parameter: dict[str, Any], named: dict[str, Any]) -> str:
    """Return what is said of a parameter: its meaning, what it takes, and what it is where it is not given."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    kind = named[kinds[0]["$ref"].rpartition("/")[2]] if "$ref" in kinds[0] else kinds[0]
    meaning = str(parameter.get("description") or schema.get("description", "")).removesuffix(".")
    takes = f"one of {', '.join(f'`{choice}`' for choice in kind['enum'])}" if "enum" in kind else ""
    default = schema.get("default")
    shown = str(default).lower() if isinstance(default, bool) else default
    usual = f"`{shown}` by default" if default not in ("", None, 0) and "default" not in meaning else ""
    text = "; ".join(part for part in (meaning, takes, usual) if part)
    return f"{text if meaning else text.capitalize()}." if text else ""


def rest_api() -> str:
    """Return the page of the REST API, from its OpenAPI document."""
    from tanlu.portal import create_app

    with tempfile.TemporaryDirectory() as folder:
        spec = create_app(Path(folder)).openapi()
    lines = [HEAD + "# REST API", "", "Under `/api/v1`; the portal shows the same with examples under `/docs`.", ""]
    for path, methods in sorted(spec["paths"].items()):
        for method, operation in methods.items():
            lines += [
                f"## `{method.upper()} {path}`",
                "",
                operation.get("description") or operation.get("summary", ""),
                "",
            ]
            for parameter in operation.get("parameters", []):
                text = told(parameter, spec["components"]["schemas"])
                lines.append(f"- `{parameter['name']}` ({parameter['in']}){f': {text}' if text else ''}")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def energy_components() -> str:
    """Return the page of the parts of an energy system and its policies: their docstrings, and the unit and range of every parameter."""
    from tanlu.energy import components, policies
    from tanlu.energy.policies import Policy

    rules = [c for c in vars(policies).values() if inspect.isclass(c) and issubclass(c, Policy) and c is not Policy]
    lines = [
        HEAD + "# Parts of an energy system",
        "",
        "Units are those inside the program; a folder may give any unit of the same kind.",
        "",
    ]
    shown = [
        getattr(components, name) for name in components.__all__ if name not in ("Asset", "Component", "Expandable")
    ]
    for part in (*shown, *rules):
        lines += [
            f"## {part.__name__}",
            "",
            *sphinx_to_markdown(inspect.getdoc(part) or ""),
            "",
            *parameter_table(part),
        ]
    return "\n".join(lines).rstrip() + "\n"


def sphinx_to_markdown(text: str) -> list[str]:
    """Return the head of a docstring (without its parameters) with formulas as Markdown writes them."""
    lines: list[str] = []
    formula = False
    for line in text.partition("\nParameters\n")[0].splitlines():
        if line.startswith(".. math::"):
            rest = line.removeprefix(".. math::").strip()
            lines += ["$$", *([rest, "$$"] if rest else [])]
            formula = not rest
        elif formula and line and not line.startswith(" "):
            while lines[-1] == "":
                lines.pop()
            lines += ["$$", "", line]
            formula = False
        else:
            lines.append(line.strip() if formula else re.sub(r":math:`([^`]*)`", r"$\1$", line))
    if formula:
        while lines[-1] == "":
            lines.pop()
        lines.append("$$")
    return lines


def meanings(part: type) -> dict[str, str]:
    """Return what the docstrings of a part, and of those that it is made from, say of each parameter."""
    found: dict[str, str] = {}
    for owner in reversed(part.__mro__):
        section = inspect.cleandoc(owner.__doc__ or "").partition("\nParameters\n----------\n")[2]
        for heading, text in re.findall(r"^(\S[^\n]*?) : [^\n]*\n((?:    [^\n]*\n?|\n)*)", section, re.MULTILINE):
            words = re.sub(r":math:`([^`]*)`", r"$\1$", " ".join(text.split())).replace("|", "\\|")
            found.update({name.strip(): words for name in heading.split(",")})
    return found


def parameter_table(part: type) -> list[str]:
    """Return the table of the parameters of a part that have a unit."""
    from tanlu.energy.parameters import declared

    found = declared(part)
    if not found:
        return []
    defaults = {f.name: f.default for f in dataclasses.fields(part)}
    said = meanings(part)
    lines = [
        "| parameter | meaning | unit | may be | usual | by | default |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, q in found.items():
        default = defaults[name] if defaults[name] is not dataclasses.MISSING else "must be given"
        usual = f"{q.usual[0]:g} to {q.usual[1]:g}" if q.usual else ""
        by = {"number": "", "value": "year", "hourly": "hour"}[q.kind]
        shown = f"{default:g}" if isinstance(default, int | float) else str(default)
        lines.append(
            f"| {name} | {said.get(name, '')} | {q.unit} | {q.low:g} to {q.high:g} | {usual} | {by} | {shown} |"
        )
    return [*lines, ""]


PAGES = {
    "cli.md": commands,
    "energy-components.md": energy_components,
    "data-dictionary.md": data_dictionary,
    "python-api.md": python_api,
    "rest-api.md": rest_api,
}


def main() -> int:
    """Write or check all pages."""
    check = "--check" in sys.argv[1:]
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, page in PAGES.items():
        text, path = page(), FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    print(("out of date: " if check else "written: ") + (", ".join(stale) or "none"))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
