import pytest

from payments.gateways.gateway import State
from payments.gateways.mpesa import explain_code, is_final_failure, result_codes


@pytest.mark.parametrize("code", result_codes.MEANINGS)
def test_every_code_has_words(code):
    assert explain_code(code).endswith(".")
    assert code not in explain_code(code)


def test_words_are_for_staff():
    assert explain_code(2001) == "The customer entered a wrong PIN."
    assert "code 77, which is not on its list" in explain_code("77")
    assert len(explain_code("7" * 5000)) < 200


def test_only_a_known_failure_is_final():
    assert is_final_failure("1032")
    assert is_final_failure(1)
    for code in ("0", "4999", "500.001.1001", "77", "", None):
        assert not is_final_failure(code)


@pytest.mark.parametrize("code", [*result_codes.OPERATION_FAILURES, "0", "R000001"])
def test_every_end_of_an_operation_has_words(code):
    assert result_codes.explain_operation(code).endswith(".")


def test_an_unknown_code_is_neither_paid_nor_failed():
    for state in (result_codes.prompt_state, result_codes.operation_state):
        assert state("0") is State.PAID
        assert state(1) is State.FAILED
        for code in ("77", "", None, False, "00", "500.001.1001"):
            assert state(code) is State.UNKNOWN


def test_a_prompt_that_is_still_open_is_pending():
    assert result_codes.prompt_state("4999") is State.PENDING
