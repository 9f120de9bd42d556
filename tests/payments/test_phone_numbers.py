import pytest

from payments.gateways.mpesa import mask_phone, normalise_phone


@pytest.mark.parametrize(
    "text",
    [
        "0712345678",
        "712345678",
        "254712345678",
        "+254712345678",
        "00254712345678",
        " +254 712-345 678 ",
        "(0712) 345 678",
        "0712\u00a0345\u2011678",
    ],
)
def test_a_mobile_number_is_read_in_every_usual_spelling(text):
    assert normalise_phone(text) == "254712345678"


def test_the_newer_numbers_beginning_with_01_are_mobile():
    assert normalise_phone("0110 345 678") == "254110345678"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "020 123 4567",
        "07123456789",
        "071234567",
        "+255712345678",
        "+712345678",
        "0254712345678",
        "abc712345678",
        "٠٧١٢٣٤٥٦٧٨",
        "0712345678 0712345679",
        None,
    ],
)
def test_another_number_is_refused(text):
    with pytest.raises(ValueError, match="Kenyan mobile number"):
        normalise_phone(text)


def test_a_masked_phone_hides_its_middle():
    assert mask_phone("254712345678") == "2547*****678"
    assert mask_phone("71234") == "*****"
