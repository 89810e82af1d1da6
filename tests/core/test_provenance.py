"""Citations in the language of the reader."""

from __future__ import annotations

import pytest

from tanlu.core.provenance import cite


@pytest.mark.parametrize(
    ("printed", "chinese"),
    [
        ("vol. 2, Equation 4.1.3", "卷2，式4.1.3"),
        ("Table 2.2", "表2.2"),
        ("vol. 3, ch. 3, equations 3.7 and 3.8, table 3.4", "卷3，章3，式3.7和3.8，表3.4"),
        ("Tables 1.4 and 2.2", "表1.4和2.2"),
        ("EFDB EF ID 117668", "EFDB EF ID 117668"),
        ("表2.2", "表2.2"),
        ("waste/swd/par_ox.csv", "waste/swd/par_ox.csv"),
        ("", ""),
    ],
)
def test_words_of_a_citation_are_chinese_and_its_numbers_stay(printed: str, chinese: str) -> None:
    assert cite(printed, "zh") == chinese
    assert cite(printed, "en") == printed
