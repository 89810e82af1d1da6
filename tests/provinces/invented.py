"""An invented province that the tests share: small, and so quick to compute."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

from tests.sharing import read_yaml

from tanlu.core.province import load_province, province_folder

TESTLAND = Path(__file__).parent / "testland"
SOURCE = "testland-assumption"
OTHER = "hunan"
"""The shipped province whose levers and parameters are borrowed; nothing of it may stand in results."""


def write_invented_province(folder: Path) -> None:
    """Copy the invented province and lend it the pathways of a shipped one."""
    shutil.copytree(TESTLAND, folder)
    borrow_pathways(folder)


def borrow_pathways(folder: Path) -> None:
    """Copy the pathways of a shipped province as assumptions of this one, without other gases: own source, no foreign names."""
    shipped = province_folder(OTHER)
    target = folder / "pathways"
    shutil.copytree(shipped / "pathways", target, ignore=shutil.ignore_patterns("technologies.csv", "effects"))
    names = load_province(shipped).settings
    words = {OTHER: "testland", str(names["en"]): "Testland", str(names["zh"]): "试验省", str(names["zh"])[:-1]: "试验"}
    for path in sorted(target.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^(source\w*): .*$", rf"\1: {SOURCE}", text)
        text = re.sub(r"(?ms)^technologies: \[.*?\]", "technologies: [T01-001]", text)
        text = re.sub(r"(?m)^action: .*$", "action: A01", text)
        for word, own in words.items():
            text = text.replace(word, own)
        path.write_text(text, encoding="utf-8")
    regions = load_province(shipped).regions.values()
    foreign = {*words, *(r.zh for r in regions), *(r.en for r in regions)}
    sources = (target / "sources.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    # the parameters cite the own source, so that nothing else rests on those of the shipped province
    (target / "sources.csv").write_text(
        "".join(x for x in sources if not any(w.lower() in x.lower() for w in foreign)), encoding="utf-8"
    )
    levers = [read_yaml(p)["id"] for p in sorted((target / "levers").glob("*.yaml"))]
    rows = [
        ["technology", "hook", "lever", "relation"],
        *(["T01-001", "efficiency:boiler", x, "moves"] for x in levers),
    ]
    with (target / "mapping.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    for name in ("parameters.csv", "growth.csv"):
        with (target / name).open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        for row in table:
            row |= {"source": SOURCE, "grade": "D"}
            for key in ("note_zh", "note_en"):
                for word, own in words.items():
                    row[key] = row[key].replace(word, own)
        with (target / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
