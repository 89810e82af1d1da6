"""What the guides and readmes show is what the program does: example files, totals, commands, printed lines."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from tanlu.accounts.files.activity_file import read_activities
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method_sets import method_sets
from tanlu.cli import app
from tanlu.core.library import load_library

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "examples"
GUIDES = [
    ROOT / "docs" / "guides" / f"{name}.md"
    for name in (
        "account-enterprise", "account-enterprise.zh-CN", "account-inventory", "account-inventory.zh-CN", "audit", "audit.zh-CN",
        "extend-the-rulebook",
    )
]  # fmt: skip
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
ROW = re.compile(r"(?m)^\| ((?:`[\w-]+\.csv` ?)+)\| `([\w-]+)` \| `(\w+)` \| ([\d,.]+) \| ([\d,.]+) \|$")
SHELL = re.compile(r"(?ms)^ *```sh\n(.*?)^ *```(?:\n\s*\n *```text\n(.*?)^ *```)?")
PYTHON = re.compile(r"(?ms)^```python\n(.*?)^```(?:\n\n```text\n(.*?)^```)?")

# hand calculations; units are written out in the guides
COAL, DIESEL = 0.02618 * 0.93 * 44 / 12, 43.33 * 0.0202 * 0.98 * 44 / 12
WORKS = (
    162_000 * 22.6 * COAL
    + 850 * DIESEL
    + 1.2e6 * (0.651 * 44 / 56 + 0.019 * 44 / 40)
    + 1860 * 44 / 12
    + 78_000 * 0.4976
)
PARK = (240_000 + 96_000) * 0.4976 + 85_000 * (2777.1 - 83.74) / 1000 * 0.11


def province(power: float, industry: float, road: float, gas: float, clinker: float, growth: float) -> float:
    """Return CO2 [t] of the province of the guide: 10^4 t of fuels and clinker, 10^4 Nm3 of gas, 10^4 m3 of wood in five years."""
    fuels = (power + industry) * 23.204 * COAL + road * DIESEL
    household = gas * 389.31 * 0.0153 * 0.99 * 44 / 12
    wood = growth / 5 * 0.307 * 1.53 * (1 + load_library().factors[ROOTS].value) * 0.5 * 44 / 12
    return 1e4 * (fuels + clinker * 0.538 - wood) + household


ROOTS = "efdb-literature.root_shoot_ratio.chinese_fir"
CO2_BY_HAND = {
    ("cement-works.csv", "cn-enterprise"): WORKS,
    ("park-power.csv", "cn-enterprise"): PARK,
    ("inventory-2020.csv", "cn-province-2011"): province(3620, 3480, 590, 151_000, 575 + 505, 15_400 - 13_600),
    ("inventory-2015.csv", "cn-province-2011"): province(3150, 4100, 520, 82_000, 610 + 480, 13_600 - 12_000),
}  # fmt: skip


def rows() -> list[tuple[str, list[str], str, str, str, str]]:
    """Return the rows of the tables of examples: guide, files, set, GWP, CO2, total."""
    found = [(guide.stem, row) for guide in GUIDES for row in ROW.findall(guide.read_text(encoding="utf-8"))]
    return [(stem, re.findall(r"[\w-]+\.csv", files), *rest) for stem, (files, *rest) in found]


@pytest.mark.parametrize(("guide", "files", "name", "gwp", "co2", "total"), rows())
def test_a_table_shows_what_is_computed(
    guide: str, files: list[str], name: str, gwp: str, co2: str, total: str
) -> None:
    assert name in method_sets(), guide
    found = compute(read_activities([EXAMPLES / file for file in files]), name).totals(gwp)
    assert (f"{found['CO2']:,.1f}", f"{found['CO2e']:,.1f}") == (co2, total)


@pytest.mark.parametrize(("case", "value"), CO2_BY_HAND.items())
def test_co2_of_an_example_is_that_of_the_hand_calculation(case: tuple[str, str], value: float) -> None:
    file, name = case
    found = compute(read_activities([EXAMPLES / file]), name).totals()["CO2"]
    assert found == pytest.approx(value, rel=1e-9)


def test_every_guide_has_an_example_and_every_example_a_guide() -> None:
    assert {row[0] for row in rows()} == {guide.stem for guide in GUIDES}
    assert {file for row in rows() for file in row[1]} == {path.name for path in EXAMPLES.iterdir()}


def test_examples_say_that_they_are_examples() -> None:
    for path in EXAMPLES.glob("*.csv"):
        for activity in read_activities([path]):
            invented = "example figure" in activity.source
            assert invented or activity.input == "steam_enthalpy", f"{path.name}:{activity.row}"


@pytest.mark.parametrize("page", [*GUIDES, *READMES], ids=lambda page: page.stem)
def test_commands_run_and_print_what_is_shown(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TANLU_LANG", "zh")
    ran = 0
    for commands, shown in SHELL.findall(page.read_text(encoding="utf-8")):
        printed: list[str] = []
        for line in dedent(commands).splitlines():
            if line.startswith("tanlu account"):
                done = CliRunner().invoke(app, shlex.split(line)[1:])
                assert done.exit_code == 0, f"{line}\n{done.output}"
                printed += [text.strip() for text in done.output.splitlines()]
                ran += 1
        missing = [text for text in dedent(shown).splitlines() if text.strip() not in printed]
        assert missing == []
    assert ran


@pytest.mark.parametrize(
    "page", [g for g in GUIDES if "```python" in g.read_text(encoding="utf-8")], ids=lambda page: page.stem
)
def test_python_runs_and_prints_what_is_shown(page: Path, tmp_path: Path) -> None:
    """In a process of its own: a guide declares a method, which must not stay among the others."""
    shutil.copytree(EXAMPLES, tmp_path / "docs" / "examples")
    blocks = PYTHON.findall(page.read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code for code, _ in blocks)],
        capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "".join(shown for _, shown in blocks)


def test_the_share_of_recalled_factors_is_the_one_told() -> None:
    factors = load_library().factors.values()
    assert sum(f.evidence == "recalled" for f in factors) / len(factors) == pytest.approx(0.2, abs=0.05)
