"""Index decomposition: published answers, the eight cases of zeros, and what must hold for any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tanlu.pathways import lmdi, lmdi_by_category, lmdi_chain, logarithmic_mean
from tanlu.pathways.analysis.lmdi import Form, Method

# example of the R package LMDIR by M. K. Heun (tests/testthat/test_util.R, test_lmdi.R): years 1971 to 1974, [factor, sub-category]
YEARS = np.array([
    [[1, 4], [10, 5], [2, 3]],
    [[4, 5], [5, 6], [3, 4]],
    [[8, 5], [2, 7], [4, 5]],
    [[10, 6], [1, 8], [5, 6]],
], float)  # fmt: skip
POSITIVE = 9999.0
positive = st.floats(1e-3, 1e3)
signed = st.one_of(positive, positive.map(lambda x: -x), st.just(0.0))


def test_effects_of_lmdir() -> None:
    expected = [
        [69.79006598, -9.455125793, 39.66505981],
        [42.96021467, -34.31902656, 50.3588119],
        [54.01064234, -9.021284671, 54.01064234],
    ]
    assert lmdi_chain(YEARS) == pytest.approx(np.array(expected), abs=1e-7)


def test_indices_of_lmdir() -> None:
    expected = [
        [1.761117821, 0.926191306, 1.379410116],
        [1.229284572, 0.847970248, 1.273773912],
        [1.208140223, 0.968911503, 1.208140223],
    ]
    assert lmdi_chain(YEARS, form="multiplicative") == pytest.approx(np.array(expected), abs=1e-8)


def test_effects_by_category_of_lmdir() -> None:
    expected = [[50.47438029, 19.31568569], [-25.23719014, 15.78206435], [14.76280986, 24.90224996]]
    assert lmdi_by_category(YEARS[0], YEARS[1]) == pytest.approx(np.array(expected), abs=1e-7)


def test_zeros_of_lmdir() -> None:
    """A factor that appears takes the whole value of its sub-category, one that vanishes loses it."""
    start, end = YEARS[0].copy(), YEARS[1].copy()
    start[0, 0] = 0.0
    assert lmdi_by_category(start, YEARS[1])[:, 0].tolist() == [60.0, 0.0, 0.0]
    end[2, 1] = 0.0
    assert lmdi_by_category(YEARS[0], end)[:, 1].tolist() == [0.0, 0.0, -60.0]


def test_activity_structure_and_intensity_by_hand() -> None:
    """Two sectors: energy 30, 20 → 80, 16; output 10, 40 → 40, 40.

    Weights L(80, 30) = 50/ln(8/3) = 50.9772, L(16, 20) = 4/ln(1.25) = 17.9257. Activity 68.9030·ln 1.6 = 32.3846;
    structure 50.9772·ln 2.5 + 17.9257·ln 0.625 = 38.2849; intensity 50.9772·ln(2/3) + 17.9257·ln 0.8 = −24.6695; sum 46.
    """
    start = {"activity": 50.0, "structure": [0.2, 0.8], "intensity": [3.0, 0.5]}
    end = {"activity": 80.0, "structure": [0.5, 0.5], "intensity": [2.0, 0.4]}
    assert lmdi(start, end) == pytest.approx(np.array([32.3846, 38.2849, -24.6695]), abs=1e-4)


def test_lmdi2_gives_a_common_factor_its_own_ratio() -> None:
    """The weights of LMDI-II add up to one (Ang & Choi 1997); those of LMDI-I do not."""
    start = {"activity": 50.0, "structure": [0.2, 0.8], "intensity": [3.0, 0.5]}
    end = {"activity": 80.0, "structure": [0.5, 0.5], "intensity": [2.0, 0.4]}
    assert lmdi(start, end, method="lmdi2", form="multiplicative")[0] == pytest.approx(1.6, abs=1e-14)
    assert lmdi(start, end, form="multiplicative")[0] == pytest.approx(1.6 ** (68.90300 / 70.51779), abs=1e-5)


def test_lmdi2_by_hand() -> None:
    """Shares 0.6, 0.4 → 5/6, 1/6: L = (5/6 − 0.6)/ln(25/18) = 0.710289, (0.4 − 1/6)/ln 2.4 = 0.266524; weights 0.727149, 0.272851.

    ln D of structure = 0.727149·ln 2.5 + 0.272851·ln 0.625 = 0.538040, D = 1.712647; effect 70.5178·0.538040 = 37.9410.
    """
    start = {"activity": 50.0, "structure": [0.2, 0.8], "intensity": [3.0, 0.5]}
    end = {"activity": 80.0, "structure": [0.5, 0.5], "intensity": [2.0, 0.4]}
    assert lmdi(start, end, method="lmdi2", form="multiplicative")[1] == pytest.approx(1.712647, abs=1e-5)
    assert lmdi(start, end, method="lmdi2")[1] == pytest.approx(37.9410, abs=1e-3)


# cases of Ang, Zhang & Choi 1998, table 2: values and factor of both years, effect of that factor
CASES = [
    ((0.0, POSITIVE), (1.0, 42.0 / POSITIVE), 42.0),
    ((POSITIVE, 0.0), (42.0 / POSITIVE, 1.0), -42.0),
    ((POSITIVE, POSITIVE), (0.0, 1.0), 0.0),
    ((POSITIVE, POSITIVE), (1.0, 0.0), 0.0),
    ((POSITIVE, POSITIVE), (0.0, 0.0), 0.0),
    ((0.0, 0.0), (1.0, 1.0), 0.0),
    ((POSITIVE, 0.0), (0.0, 1.0), 0.0),
    ((0.0, POSITIVE), (1.0, 0.0), 0.0),
]


@pytest.mark.parametrize(("factor", "other", "effect"), CASES)
def test_eight_cases_of_zeros(factor: tuple[float, float], other: tuple[float, float], effect: float) -> None:
    start, end = [[factor[0]], [other[0]]], [[factor[1]], [other[1]]]
    assert lmdi(start, end)[0] == pytest.approx(effect, abs=1e-12)


@pytest.mark.parametrize("method", ["lmdi1", "lmdi2"])
def test_zeros_are_the_limit_of_small_numbers(method: Method) -> None:
    """A factor of 10^-300 instead of zero: the effects come within 1 % (they approach as slowly as 1/ln δ)."""
    end = np.array([[2.0, 3.0], [5.0, 1.0]])
    limit = lmdi([[0.0, 3.5], [4.0, 1.2]], end, method=method)
    near = lmdi([[1e-300, 3.5], [4.0, 1.2]], end, method=method)
    assert near == pytest.approx(limit, rel=0.01, abs=0.05)


def test_two_factors_that_leave_zero_share_the_change() -> None:
    assert lmdi([[0.0], [0.0], [2.0]], [[3.0], [4.0], [5.0]]).tolist() == [30.0, 30.0, 0.0]


def test_a_change_of_sign_belongs_to_the_factor_that_changes_it() -> None:
    """Net uptake of 10 becomes a source of 6: the rate changes its sign, the area does not."""
    assert lmdi([[-2.0], [5.0]], [[3.0], [2.0]]).tolist() == [16.0, 0.0]


def test_two_negative_values_decompose_like_their_amounts() -> None:
    effects = lmdi([[-2.0], [5.0]], [[-3.0], [6.0]])
    assert effects == pytest.approx(-lmdi([[2.0], [5.0]], [[3.0], [6.0]]), abs=1e-12)


@settings(max_examples=30)
@given(positive)
def test_mean_of_equal_numbers_is_the_number(a: float) -> None:
    assert float(logarithmic_mean(a, a)) == a


@settings(max_examples=30)
@given(positive, positive)
def test_mean_lies_between_geometric_and_arithmetic_mean(a: float, b: float) -> None:
    mean = float(logarithmic_mean(a, b))
    assert mean == pytest.approx(float(logarithmic_mean(b, a)), rel=1e-12)
    assert np.sqrt(a * b) * (1 - 1e-12) <= mean <= (a + b) / 2 * (1 + 1e-12)


def test_mean_of_numbers_that_are_nearly_equal_keeps_its_digits() -> None:
    """L(1 + x, 1) = 1 + x/2 − x²/12 + …"""
    assert float(logarithmic_mean(1.0 + 1e-9, 1.0)) == pytest.approx(1.0 + 5e-10, abs=2e-16)


def test_mean_of_one_zero_or_two_signs_is_zero() -> None:
    assert logarithmic_mean([0.0, 2.0, -1.0], [3.0, 0.0, 2.0]).tolist() == [0.0, 0.0, 0.0]


@settings(max_examples=30)
@given(arrays(float, (2, 3, 4), elements=signed))
def test_effects_add_up_with_zeros_and_signs(years: np.ndarray) -> None:
    change = years[1].prod(axis=0).sum() - years[0].prod(axis=0).sum()
    size = np.abs(years.prod(axis=1)).sum()
    assert lmdi(years[0], years[1]).sum() == pytest.approx(change, abs=1e-12 * (1 + size))


@settings(max_examples=30)
@given(arrays(float, (2, 3, 4), elements=st.one_of(positive, st.just(0.0))), st.sampled_from(["lmdi1", "lmdi2"]))
def test_indices_multiply_to_the_ratio(years: np.ndarray, method: Method) -> None:
    totals = years.prod(axis=1).sum(axis=1)
    if min(totals) <= 0:
        return
    lasting = (years.prod(axis=1) / totals[:, None]).min(axis=0).sum()
    if method == "lmdi2" and lasting < 0.01:
        return
    indices = lmdi(years[0], years[1], method=method, form="multiplicative")
    assert np.log(indices).sum() == pytest.approx(np.log(totals[1] / totals[0]), abs=1e-11)


@settings(max_examples=30)
@given(
    arrays(float, (2, 3, 2), elements=positive),
    st.sampled_from(["lmdi1", "lmdi2"]),
    st.sampled_from(["additive", "multiplicative"]),
)
def test_time_reversal(years: np.ndarray, method: Method, form: Form) -> None:
    forward = lmdi(years[0], years[1], method=method, form=form)
    back = lmdi(years[1], years[0], method=method, form=form)
    if form == "additive":
        assert forward == pytest.approx(-back, abs=1e-12 * (1 + years.prod(axis=1).sum()))
    else:
        assert np.log(forward) == pytest.approx(-np.log(back), abs=1e-11)


@settings(max_examples=30)
@given(arrays(float, (2, 3, 4), elements=positive))
def test_lmdi1_is_consistent_in_aggregation(years: np.ndarray) -> None:
    parts = lmdi_by_category(years[0], years[1])
    first = lmdi(years[0][:, :2], years[1][:, :2])
    assert parts[:, :2].sum(axis=1) == pytest.approx(first, abs=1e-12 * (1 + years.prod(axis=1).sum()))


def test_effects_that_offset_each_other_do_not_vanish() -> None:
    """V stays 6: doubling and halving are +6 ln 2 and −6 ln 2, since L(6, 6) = 6."""
    assert lmdi([[2.0], [3.0]], [[4.0], [1.5]]) == pytest.approx(np.array([1, -1]) * 6 * np.log(2), abs=1e-12)


def test_chained_and_direct_differ_but_both_add_up() -> None:
    chained, direct = lmdi_chain(YEARS).sum(axis=0), lmdi(YEARS[0], YEARS[-1])
    assert chained.sum() == pytest.approx(258.0, abs=1e-10) and direct.sum() == pytest.approx(258.0, abs=1e-10)
    assert not np.allclose(chained, direct, atol=1.0)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ([[1.0]], [[1.0, 2.0]], "shape"),
        ([[float("nan")]], [[1.0]], "finite"),
        ({"a": 1.0}, {"b": 1.0}, "differ"),
    ],
)
def test_bad_input_is_refused(start: object, end: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lmdi(start, end)  # type: ignore[arg-type]


def test_lmdi2_needs_a_sub_category_that_is_there_in_both_years() -> None:
    start, end = [[0.0, 2.0], [1.0, 1.0]], [[3.0, 0.0], [1.0, 1.0]]
    assert lmdi(start, end).tolist() == [1.0, 0.0]
    with pytest.raises(ValueError, match="both years"):
        lmdi(start, end, method="lmdi2")


def test_an_aggregate_of_zero_has_no_index() -> None:
    with pytest.raises(ValueError, match="additive"):
        lmdi([[0.0]], [[1.0]], form="multiplicative")
