import json

import pytest

from payments.gateways.gateway import Forged, State, Unverified
from payments.simulator.paypal.answers import json_answer
from tests.payments.paypal import NOW, approve, make_event, make_gateway, pay

pytestmark = pytest.mark.once


@pytest.fixture
def delivery(simulator, shop):
    """An approval as it arrived at the shop: its body and headers."""
    simulator.paypal.webhook_url = shop.address
    approve(simulator, make_gateway(simulator))
    assert simulator.paypal.wait_for(1)
    _path, headers, body = shop.received[0]
    simulator.paypal.questions.clear()
    simulator.paypal.calls.clear()
    return body, headers


def test_a_delivery_of_paypal_passes_and_its_bytes_are_forwarded_as_they_came(simulator, delivery):
    body, headers = delivery
    for odd in (b":1.0", "Wanjirũ".encode(), b" ,\n  ", b"\\/"):
        assert odd in body
    make_gateway(simulator).verify(body, headers, now=NOW)
    (question,) = simulator.paypal.questions
    assert body in question
    assert make_gateway(simulator).read(body, received_at=NOW).state == State.PENDING


@pytest.mark.parametrize(
    "write", [json.dumps, lambda event: json.dumps(event, ensure_ascii=False, separators=(" , ", ":"))]
)
def test_a_body_that_was_parsed_and_written_again_does_not_pass(simulator, delivery, write):
    body, headers = delivery
    with pytest.raises(Forged):
        make_gateway(simulator).verify(write(json.loads(body)).encode(), headers, now=NOW)


def test_one_changed_byte_or_another_transmission_is_forged(simulator, delivery):
    body, headers = delivery
    gateway = make_gateway(simulator)
    with pytest.raises(Forged):
        gateway.verify(body.replace(b"APPROVED", b"COMPLETE"), headers, now=NOW)
    with pytest.raises(Forged):
        gateway.verify(body, headers | {"PAYPAL-TRANSMISSION-ID": "another"}, now=NOW)
    with pytest.raises(Forged):
        make_gateway(simulator, webhook_id="ANOTHERWEBHOOK").verify(body, headers, now=NOW)


def test_a_body_cannot_name_another_webhook_to_be_checked_against(simulator, delivery):
    body, headers = delivery
    gateway = make_gateway(simulator, webhook_id="OURWEBHOOK")
    escape = body + b', "webhook_id": "8PT597110X687430L", "rest": {}'
    with pytest.raises(Forged):
        gateway.verify(escape, headers, now=NOW)
    assert simulator.paypal.questions == []


@pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"{", b"\xff{}", b"{}{}", b'{"a":1,"a":2}'])
def test_what_is_not_one_object_is_forged_without_asking(simulator, delivery, body):
    with pytest.raises(Forged):
        make_gateway(simulator).verify(body, delivery[1], now=NOW)
    assert simulator.paypal.calls == []


@pytest.mark.parametrize(
    ("header", "longest"),
    [
        ("PAYPAL-TRANSMISSION-ID", 50),
        ("PAYPAL-TRANSMISSION-TIME", 100),
        ("PAYPAL-TRANSMISSION-SIG", 500),
        ("PAYPAL-CERT-URL", 500),
        ("PAYPAL-AUTH-ALGO", 100),
    ],
)
def test_a_missing_or_endless_header_is_forged_without_asking(simulator, delivery, header, longest):
    body, headers = delivery
    too_long = headers[header] + "a" * (longest + 1 - len(headers[header]))
    for value in ("", " ", "a\r\nb", "é", '"', too_long):
        if value == '"' and header not in ("PAYPAL-CERT-URL", "PAYPAL-AUTH-ALGO"):
            continue
        with pytest.raises(Forged):
            make_gateway(simulator).verify(body, headers | {header: value}, now=NOW)
    with pytest.raises(Forged):
        make_gateway(simulator).verify(body, {k: v for k, v in headers.items() if k != header}, now=NOW)
    assert simulator.paypal.calls == []


@pytest.mark.parametrize(
    "address",
    [
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com.evil.tld/v1/notifications/certs/CERT-1",
        "https://api.paypal.com@evil.tld/v1/notifications/certs/CERT-1",
        "https://user:pass@api.paypal.com/v1/notifications/certs/CERT-1",
        "https://evil.tld/api.paypal.com/certs/CERT-1",
        "https://evil.tld#api.paypal.com/certs/CERT-1",
        "https://evil.tld\\@api.paypal.com/certs/CERT-1",
        "https://api.paypal.com\\.evil.tld/certs/CERT-1",
        "https://api.paypal.com:8443/certs/CERT-1",
        "https://api.paypal.com:443/certs/CERT-1",
        "https://api.paypal.com./certs/CERT-1",
        "https://apixpaypal.com/certs/CERT-1",
        "https://www.paypal.com/certs/CERT-1",
        "https://api.paypal.com\n.evil.tld/certs/CERT-1",
        "https://api.paypal.com/certs/CERT-1\n",
        "https://api.paypal.com/certs?next=https://evil.tld",
        "https://api.paypal.com",
        "//api.paypal.com/certs/CERT-1",
        "https:/api.paypal.com/certs/CERT-1",
        " https://api.paypal.com/certs/CERT-1",
        "https://аpi.paypal.com/certs/CERT-1",  # a Cyrillic first letter
        "https://127.0.0.1/certs/CERT-1",
        "file:///etc/passwd",
    ],
)
def test_a_certificate_from_elsewhere_is_forged_without_asking(simulator, delivery, address):
    body, headers = delivery
    with pytest.raises(Forged, match="paypal-cert-url"):
        make_gateway(simulator).verify(body, headers | {"PAYPAL-CERT-URL": address}, now=NOW)
    assert simulator.paypal.calls == []


@pytest.mark.parametrize("host", ["api", "api-m", "api.sandbox", "api-m.sandbox"])
def test_a_certificate_of_paypal_is_taken(simulator, delivery, host):
    body, headers = delivery
    address = f"https://{host}.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594"
    make_gateway(simulator).verify(body, headers | {"PAYPAL-CERT-URL": address}, now=NOW)


def test_the_spelling_of_header_names_does_not_matter(simulator, delivery):
    body, headers = delivery
    make_gateway(simulator).verify(body, {name.lower(): text for name, text in headers.items()}, now=NOW)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "html_503", "busy_500"])
def test_without_an_answer_nobody_can_tell(simulator, delivery, fault):
    simulator.paypal.faults = [fault]
    with pytest.raises(Unverified):
        make_gateway(simulator).verify(*delivery, now=NOW)


@pytest.mark.parametrize("status", ["success", "PENDING", None, True, ["SUCCESS"]])
def test_anything_but_success_does_not_pass(simulator, delivery, status):
    simulator.paypal.faults = [json_answer(200, {"verification_status": status})]
    with pytest.raises(Unverified):
        make_gateway(simulator).verify(*delivery, now=NOW)


def test_without_a_token_or_a_connection_nobody_can_tell(simulator, delivery):
    for values in ({"client_secret": "wrong"}, {"base_url": "http://127.0.0.1:1"}):
        with pytest.raises(Unverified):
            make_gateway(simulator, **values).verify(*delivery, now=NOW)


def test_each_delivery_of_an_event_is_signed_anew_until_the_shop_takes_it(simulator, shop):
    simulator.paypal.webhook_url, simulator.paypal.retry_waits = shop.address, (0, 0)
    shop.status = 503
    approve(simulator, make_gateway(simulator))
    assert simulator.paypal.wait_for(3)
    bodies, headers = zip(*((body, headers) for _path, headers, body in shop.received), strict=True)
    assert len(set(bodies)) == 1
    assert len({one["PAYPAL-TRANSMISSION-ID"] for one in headers}) == 3
    for one in headers:
        make_gateway(simulator).verify(bodies[0], one, now=NOW)


def test_the_story_of_a_payment_can_be_read_whatever_its_order(simulator, shop):
    paypal = simulator.paypal
    paypal.webhook_url, paypal.hold, paypal.copies = shop.address, True, 2
    gateway = make_gateway(simulator)
    paid = pay(simulator, gateway, key="attempt-7")
    paypal.release(newest_first=True)
    told = []
    for _path, headers, body in shop.received:
        gateway.verify(body, headers, now=NOW)
        told.append(gateway.read(body, received_at=NOW))
    assert [one.state for one in told] == [State.PAID] * 4 + [State.PENDING] * 2
    assert {(one.reference, one.key, one.amount) for one in told} == {
        (paid.reference, "attempt-7", paid.amount)
    }
    assert {one.receipt for one in told[:4]} == {paid.receipt}
    assert len({one.event_id for one in told}) == 3


def test_a_body_is_not_taken_for_its_shape_alone(simulator, delivery):
    forged = make_event("PAYMENT.CAPTURE.COMPLETED", {"id": "X", "status": "COMPLETED"})
    with pytest.raises(Forged):
        make_gateway(simulator).verify(forged, delivery[1], now=NOW)
