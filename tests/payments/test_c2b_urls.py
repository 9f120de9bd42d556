import pytest

from backoffice.errors import RuleBroken
from payments.gateways.gateway import AskRefused, AskUnknown
from payments.gateways.mpesa import MpesaClient, MpesaConfig
from payments.gateways.mpesa.daraja import Refused, Unanswered
from payments.simulator import HTML_503, SIMULATOR_CREDENTIALS
from tests.payments.daraja import make_cache, make_client, make_gateway

ADDRESSES = {
    "confirmation_url": "http://127.0.0.1:9/hooks/paid/5f2b/",
    "validation_url": "http://127.0.0.1:9/hooks/check/5f2b/",
}


def test_addresses_are_registered_once(simulator):
    client = make_client(simulator)
    assert client.register_urls(**ADDRESSES)
    (registration,) = simulator.registrations.values()
    assert registration.confirmation_url == ADDRESSES["confirmation_url"]
    assert registration.validation_url == ADDRESSES["validation_url"]
    assert registration.response_type == "Completed"
    assert client.register_urls(**ADDRESSES | {"confirmation_url": "http://127.0.0.1:9/other/"}) is False
    assert simulator.registrations == {"174379": registration}


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/mpesa/", "http://127.0.0.1:9/EXEC/", "shop.example/hooks/", "", "http://a b/"],
)
def test_addresses_that_safaricom_refuses_do_not_leave(simulator, name, address):
    with pytest.raises(RuleBroken):
        make_client(simulator).register_urls(**ADDRESSES | {name: address})
    assert simulator.token_requests == 0


def test_addresses_need_https_outside_the_simulator():
    client = MpesaClient(MpesaConfig("https://api.safaricom.co.ke", **SIMULATOR_CREDENTIALS), make_cache())
    with pytest.raises(RuleBroken, match="https://"):
        client.register_urls(**ADDRESSES)


def test_only_two_response_types_exist(simulator):
    with pytest.raises(ValueError, match="Canceled"):
        make_client(simulator).register_urls(**ADDRESSES, response_type="Canceled")


def test_a_refusal_and_a_silence_are_told_apart(simulator):
    with pytest.raises(Refused):
        make_client(simulator, consumer_key="not-the-key").register_urls(**ADDRESSES)
    with pytest.raises(AskRefused):
        make_gateway(simulator, consumer_key="not-the-key").register_urls(**ADDRESSES)
    simulator.outage = HTML_503
    with pytest.raises(Unanswered):
        make_client(simulator).register_urls(**ADDRESSES)
    with pytest.raises(AskUnknown) as silence:
        make_gateway(simulator).register_urls(**ADDRESSES)
    assert silence.value.may_repeat
