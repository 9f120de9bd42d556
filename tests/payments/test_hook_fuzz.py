"""Whatever is posted to the address of an account or a refund is no server error, and no money."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.models import Payment, RefundStatus
from payments.services.result_tokens import result_token
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS
from tests.payments.hooks import make_account, post_card, post_till
from tests.payments.money import fresh
from tests.payments.refunds import make_free
from tests.payments.test_hostile_callbacks import HOSTILE, anything
from tests.payments.test_paypal_hooks import post as post_paypal
from tests.payments.test_refund_results import sent

pytestmark = pytest.mark.django_db
bodies = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([*HOSTILE.values()]),
    anything.map(lambda thing: json.dumps(thing).encode("utf-8", "surrogatepass")),
    st.fixed_dictionaries(
        {"TransAmount": anything, "TransID": st.just("RKL51ZDR4F") | anything, "BusinessShortCode": anything}
    ).map(lambda thing: json.dumps(thing).encode("utf-8", "surrogatepass")),
    st.fixed_dictionaries(
        {
            "id": st.just("evt_1") | anything,
            "object": st.just("event"),
            "type": st.just("payment_intent.succeeded") | anything,
            "data": anything | st.fixed_dictionaries({"object": anything}),
        }
    ).map(lambda thing: json.dumps(thing).encode("utf-8", "surrogatepass")),
)

paypal_bodies = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str) | anything,
        "event_type": st.sampled_from(
            ["PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.REFUNDED", "CHECKOUT.ORDER.APPROVED"]
        )
        | anything,
        "resource": anything
        | st.fixed_dictionaries(
            {"id": anything, "status": st.just("COMPLETED"), "amount": anything, "custom_id": anything}
        ),
    }
).map(lambda thing: json.dumps(thing).encode("utf-8", "surrogatepass"))
parameters = st.lists(
    st.fixed_dictionaries(
        {"Key": st.sampled_from(["Amount", "TransactionReceipt"]) | anything}, optional={"Value": anything}
    )
)
result_bodies = st.fixed_dictionaries(
    {"ResultCode": anything.filter(lambda code: code not in (0, "0")) | st.just(7777)},
    optional={
        "ResultType": anything,
        "ResultDesc": anything,
        "OriginatorConversationID": anything,
        "ConversationID": anything,
        "TransactionID": anything,
        "ResultParameters": anything | st.fixed_dictionaries({"ResultParameter": anything | parameters}),
    },
).map(lambda thing: json.dumps({"Result": thing}).encode("utf-8", "surrogatepass"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies)
def test_whatever_comes_to_a_till_or_is_signed_by_stripe_is_survived(client, hooks, body):
    till, card = hooks
    for word in ("till", "check"):
        assert post_till(client, till, body, word).status_code < 500
    assert post_card(client, card, body) < 500
    assert post_card(client, card, body, secret="whsec_other") in (400, 411, 413)
    assert not Payment._base_manager.exists()


@pytest.fixture
def hooks(store):
    return make_account(store), make_account(store, "stripe")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies | paypal_bodies)
def test_whatever_is_signed_by_paypal_is_survived(client, paypal, body):
    assert post_paypal(client, paypal, body) in (200, 400, 411, 413)
    assert post_paypal(client, paypal, body, **{"PAYPAL-TRANSMISSION-SIG": "AAAA"}) in (400, 411, 413)
    assert not Payment._base_manager.exists()


@pytest.fixture
def paypal(store, simulator, settings):
    settings.PAYMENT_SIMULATOR_URL = simulator.url
    return make_account(store, "paypal", identifier=PAYPAL_CREDENTIALS["merchant_id"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies | result_bodies)
def test_whatever_comes_to_the_address_of_a_refund_is_survived_and_ends_nothing_well(client, refund, body):
    for word in ("timeout", "result"):
        path = f"/hooks/{word}/{result_token(refund)}/"
        assert client.post(path, body, content_type="application/json").status_code < 500
    assert fresh(refund).status != RefundStatus.SUCCEEDED
    assert Payment._base_manager.count() == 1


@pytest.fixture
def refund(store):
    return sent(make_free(store))
