"""The unified social credit code: the worked example of the standard, and every single slip is found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.core.errors import DataError
from tanlu.core.uscc import ALPHABET, check_character, check_code, code_problems

characters = st.sampled_from(ALPHABET)
firsts = st.tuples(
    st.text(characters, min_size=2, max_size=2),
    st.text(st.sampled_from("0123456789"), min_size=6, max_size=6),
    st.text(characters, min_size=9, max_size=9),
).map("".join)


def test_check_character_of_the_worked_example() -> None:
    """GB 32100-2015, as worked in commentaries: 91350100M000100Y4 gives the sum 1640; 1640 mod 31 = 28; 31 − 28 = 3."""
    assert check_character("91350100M000100Y4") == "3"
    assert code_problems("91350100M000100Y43") == []


def test_a_remainder_of_zero_gives_the_character_zero() -> None:
    """All zeros: the sum is 0, 31 stands for 0."""
    assert check_character("0" * 17) == "0"


def test_the_alphabet_leaves_out_the_five_letters_that_are_misread() -> None:
    assert len(ALPHABET) == 31
    assert set("IOSVZ") == set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(ALPHABET)


def test_all_faults_of_a_code_are_told_at_once() -> None:
    codes = [p.code for p in code_problems("9135010OM000100y4")]
    assert codes == ["uscc_length", "uscc_character", "uscc_region"]
    text = code_problems("9135010OM000100y4")[1].text("en")
    assert "O y" in text and "8, 16" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_check_character_names_the_right_one(language: str) -> None:
    (problem,) = code_problems("91350100M000100Y4Z".replace("Z", "4"))
    assert problem.code == "uscc_check" and "3" in problem.text(language)


@settings(max_examples=50)
@given(firsts, st.integers(0, 16), characters)
def test_every_slip_of_one_place_is_found(first: str, place: int, other: str) -> None:
    """31 is prime and no weight is 0 mod 31, so one changed character changes the sum."""
    code = first + check_character(first)
    assert code_problems(code) == []
    slip = code[:place] + other + code[place + 1 :]
    assert (code_problems(slip) == []) == (slip == code)


@settings(max_examples=50)
@given(firsts, st.integers(0, 15))
def test_every_swap_of_neighbours_is_found(first: str, place: int) -> None:
    """Neighbouring weights differ by a factor of 3, so a swap of two different characters changes the sum."""
    code = first + check_character(first)
    swap = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (code_problems(swap) == []) == (swap == code)


def test_a_bad_code_is_refused_at_the_border() -> None:
    with pytest.raises(DataError):
        check_code("")
    with pytest.raises(ValueError):
        check_character("123")
