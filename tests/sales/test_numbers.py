"""Numbers of orders as customers type them: recognised through sloppiness, never through a wrong digit."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.services.numbers import CHECK_LETTERS, check_character, plain, read_reference


@pytest.mark.parametrize("typed", ["R-0042", "r0042", " R 0042 ", "R-OO42", "r–0042", "R42", "R/0042"])
def test_a_number_is_read_however_it_is_typed(typed):
    read = read_reference(typed, "R")
    assert (read.sequence, read.is_checked, read.is_mistyped, read.is_bare) == (42, False, False, False)


@pytest.mark.parametrize(
    "typed", ["", "water", "X-0042", "R", "R-0000", "R-0042-SS", "=1+1", "<b>42", "R-" + "9" * 30]
)
def test_anything_else_is_no_number_of_ours(typed):
    assert read_reference(typed, "R") is None


def test_a_number_without_its_letters_is_read_as_bare():
    assert read_reference("0042", "R").is_bare


def test_the_check_letter_is_recognised_and_a_wrong_one_too():
    letter = check_character("R-0042")
    assert read_reference(f"r0042{letter.lower()}", "R").is_checked
    assert read_reference(f"R-0043-{letter}", "R").is_mistyped


@given(sequence=st.integers(1, 99_999), place=st.integers(0, 4), digit=st.integers(0, 9))
def test_one_wrong_digit_is_always_noticed(sequence, place, digit):
    right = f"R-{sequence:05d}"
    wrong = right[: 2 + place] + str(digit) + right[3 + place :]
    assert (check_character(wrong) == check_character(right)) == (wrong == right)


@given(sequence=st.integers(1, 99_999))
def test_two_exchanged_digits_are_always_noticed(sequence):
    number = plain(f"R-{sequence:05d}")
    for place, (one, two) in enumerate(pairwise(number)):
        wrong = number[:place] + two + one + number[place + 2 :]
        assert (check_character(wrong) == check_character(number)) == (one == two)


def test_no_check_letter_looks_like_a_digit():
    assert len(CHECK_LETTERS) == 23 and not {"O", "I"} & set(CHECK_LETTERS)
