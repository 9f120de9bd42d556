from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from payments.gateways.mpesa import MpesaClient, MpesaConfig, PushRequest, round_up_shillings
from payments.simulator import SIMULATOR_CREDENTIALS
from tests.payments.daraja import REQUEST, make_cache


def test_http_is_refused_unless_it_is_a_simulator_on_this_machine():
    for address, allow_http in [
        ("http://127.0.0.1:8090", False),
        ("http://api.safaricom.co.ke", True),
        ("http://127.0.0.1@example.com", True),
        ("ftp://127.0.0.1", True),
        ("https://", False),
        ("", True),
    ]:
        with pytest.raises(RuleBroken, match="https://"):
            MpesaConfig(base_url=address, allow_http=allow_http, **SIMULATOR_CREDENTIALS)
    MpesaConfig(base_url="https://api.safaricom.co.ke", **SIMULATOR_CREDENTIALS)


@pytest.mark.parametrize("name", ["consumer_key", "consumer_secret", "shortcode", "passkey"])
def test_a_missing_setting_is_named(name):
    with pytest.raises(RuleBroken, match=name):
        MpesaConfig(base_url="https://api.safaricom.co.ke", **SIMULATOR_CREDENTIALS | {name: ""})


def test_a_callback_address_needs_https_outside_the_simulator():
    client = MpesaClient(MpesaConfig("https://api.safaricom.co.ke", **SIMULATOR_CREDENTIALS), make_cache())
    with pytest.raises(RuleBroken, match="https://"):
        client.push(PushRequest(**REQUEST))


@pytest.mark.parametrize(
    "values",
    [
        {"amount": 0},
        {"amount": 250_001},
        {"amount": 249.97},
        {"amount": Decimal(250)},
        {"amount": True},
        {"phone": "0712345678"},
        {"phone": "254201234567"},
        {"reference": ""},
        {"reference": "   "},
        {"reference": "R" * 13},
        {"description": "D" * 14},
        {"callback_url": "https://shop.example/mpesa/1/"},
        {"callback_url": "https://shop.example/SQL/1/"},
        {"callback_url": "https://executive.example/1/"},
        {"callback_url": "https://shop.example/ 1/"},
        {"callback_url": "shop.example/1/"},
    ],
)
def test_what_daraja_would_refuse_does_not_leave(values):
    with pytest.raises(RuleBroken):
        PushRequest(**REQUEST | values)


@pytest.mark.parametrize(
    ("amount", "shillings"), [("249.97", 250), ("250", 250), ("250.00", 250), ("0.01", 1), ("250.01", 251)]
)
def test_a_prompt_is_for_the_next_whole_shilling(amount, shillings):
    assert round_up_shillings(Decimal(amount)) == shillings


@pytest.mark.parametrize(
    "amount", [Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 249.97, 250, "250"]
)
def test_only_a_positive_decimal_is_rounded(amount):
    with pytest.raises(ValueError, match="positive Decimal"):
        round_up_shillings(amount)
