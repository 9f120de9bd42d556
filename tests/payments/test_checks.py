import pytest

from payments.checks import check_callbacks_can_arrive


@pytest.mark.parametrize(
    "base_url, fault",
    [
        ("https://shop.example", ""),
        ("http://shop.example", "https://"),
        ("https://elsewhere.example", "ALLOWED_HOSTS"),
        ("https://mpesa.shop.example", "“mpesa”"),
    ],
)
def test_an_address_that_safaricom_cannot_call_stops_the_deploy(settings, base_url, fault):
    settings.MPESA = {**settings.MPESA, "consumer_key": "key"}
    settings.ALLOWED_HOSTS = [".shop.example"]
    settings.BASE_URL = base_url
    found = [error.msg for error in check_callbacks_can_arrive(None)]
    assert len(found) == bool(fault) and all(fault in each for each in found)


def test_without_credentials_no_callback_is_awaited(settings):
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert check_callbacks_can_arrive(None) == []
