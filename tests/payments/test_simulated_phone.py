import io

import pytest
import requests
from django.core.management import CommandError, call_command

from payments.gateways.mpesa import read_callback
from payments.simulator import Simulator
from tests.payments.daraja import PUSH_PATH, answer, ask, post_push


def choose(simulator, prompt, choice):
    address = f"{simulator.url}/phone/{prompt.checkout_request_id}"
    return requests.post(address, data={"choice": choice}, timeout=5)


def test_the_phone_shows_open_prompts_newest_first_and_looks_again_by_itself(simulator, shop):
    page = requests.get(simulator.url + "/phone", timeout=5).text
    assert "Nothing to answer right now." in page
    assert '<meta http-equiv="refresh" content="2">' in page
    ask(simulator, shop, amount=250)
    ask(simulator, shop, amount=1999)
    page = requests.get(simulator.url + "/phone", timeout=5).text
    assert 0 < page.index("KES 1,999.00") < page.index("KES 250.00")


def test_a_prompt_can_be_answered_on_the_phone(simulator, shop):
    prompt = ask(simulator, shop)
    page = requests.get(f"{simulator.url}/phone/{prompt.checkout_request_id}", timeout=5).text
    for words in ("KES 250.00", "R-0042", "174379", "0712 345 678"):
        assert words in page
    for label in ("Enter PIN", "Cancel", "Ignore", "Pay a wrong amount", "Wrong PIN", "Not enough money"):
        assert f">{label}</button>" in page
    shown = choose(simulator, prompt, "pin")
    assert "This request is already answered: Enter PIN." in shown.text
    assert "</button>" not in shown.text
    assert prompt.delivered.wait(5)
    assert len(shop.received) == 1
    page = requests.get(f"{simulator.url}/phone/{prompt.checkout_request_id}", timeout=5).text
    assert f"{prompt.receipt} confirmed. KES 250.00 paid." in page
    assert "The business has been told." in page


def test_the_phone_says_when_the_business_did_not_take_the_callback(simulator, shop):
    shop.status = 500
    prompt = ask(simulator, shop)
    answer(prompt, "pin")
    page = requests.get(f"{simulator.url}/phone/{prompt.checkout_request_id}", timeout=5).text
    assert "The business was told, but did not take it." in page


def test_a_second_answer_on_the_phone_is_refused(simulator, shop):
    prompt = ask(simulator, shop)
    answer(prompt, "cancel")
    again = choose(simulator, prompt, "pin")
    assert again.status_code == 409
    assert "This request is already answered: Cancel." in again.text
    assert len(shop.received) == 1


def test_nonsense_on_the_phone_changes_nothing(simulator, shop):
    prompt = ask(simulator, shop)
    assert choose(simulator, prompt, "steal").status_code == 400
    assert requests.post(f"{simulator.url}/phone/{prompt.checkout_request_id}", timeout=5).status_code == 400
    assert requests.post(f"{simulator.url}/phone/x", data={"choice": "pin"}, timeout=5).status_code == 404
    assert requests.get(f"{simulator.url}/phone/x", timeout=5).status_code == 404
    assert prompt.choice == ""


def test_what_a_prompt_says_is_text_on_the_phone(simulator):
    post_push(simulator, AccountReference="<b>hi</b>")
    page = requests.get(simulator.url + "/phone", timeout=5).text
    assert "&lt;b&gt;hi" in page
    assert "<b>hi" not in page


def test_a_cancelled_prompt_can_be_paid_after_all(simulator, shop):
    prompt = ask(simulator, shop)
    address = f"{simulator.url}/phone/{prompt.checkout_request_id}"
    assert 'value="late"' not in requests.get(address, timeout=5).text
    assert choose(simulator, prompt, "late").status_code == 409
    answer(prompt, "cancel")
    assert 'value="late"' in requests.get(address, timeout=5).text
    choose(simulator, prompt, "late")
    assert prompt.delivered.wait(5)
    results = [read_callback(body) for _path, _headers, body in shop.received]
    assert [result.result_code for result in results] == ["1032", "0"]
    assert results[0].checkout_request_id == results[1].checkout_request_id
    assert choose(simulator, prompt, "late").status_code == 409
    page = requests.get(address, timeout=5).text
    assert "Paid after all." in page
    assert 'value="late"' not in page


# Paying without being asked


def pay(simulator, **values):
    form = {"shortcode": "174379", "billref": "R-0042", "amount": "250", "phone": "0712 345 678"} | values
    return requests.post(f"{simulator.url}/phone/pay", data=form, timeout=5)


def test_a_customer_can_pay_by_himself_on_the_phone(simulator):
    assert 'href="/phone/pay"' in requests.get(simulator.url + "/phone", timeout=5).text
    assert 'name="shortcode"' in requests.get(simulator.url + "/phone/pay", timeout=5).text
    assert pay(simulator, billref="<b>hi</b>").status_code == 200
    (payment,) = simulator.till_payments
    assert payment.delivered.wait(5)
    assert (payment.amount, payment.phone, payment.billref) == (250, "254712345678", "<b>hi</b>")
    page = requests.get(simulator.url + "/phone", timeout=5).text
    assert "KES 250" in page
    assert "&lt;b&gt;hi" in page
    assert "it has registered no address" in page


@pytest.mark.parametrize(
    "values", [{"amount": "0"}, {"amount": "2.50"}, {"amount": ""}, {"shortcode": "12"}, {"phone": "020 123"}]
)
def test_what_no_phone_would_send_is_shown_again(simulator, values):
    said = pay(simulator, **values)
    assert said.status_code == 400
    assert 'role="alert"' in said.text
    assert 'value="R-0042"' in said.text
    assert simulator.till_payments == []


# This machine only


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.1", "::", "localhost"])
def test_no_other_address_is_listened_on(host):
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        Simulator(host=host)


def test_a_page_elsewhere_cannot_reach_it_by_another_name(simulator):
    for send in (requests.get, requests.post):
        answer = send(simulator.url + "/phone", headers={"Host": "evil.example"}, timeout=5)
        assert answer.status_code == 403


def test_a_body_of_a_megabyte_is_refused(simulator):
    headers = {"Content-Length": "1000000"}
    assert requests.post(simulator.url + PUSH_PATH, headers=headers, timeout=5).status_code == 413


def test_the_command_refuses_outside_the_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="only in the demo"):
        call_command("payment_simulator", stdout=io.StringIO())


def test_the_command_says_when_its_port_is_taken(settings, simulator):
    settings.DEMO = True
    with pytest.raises(CommandError, match="Cannot listen on port"):
        call_command("payment_simulator", port=int(simulator.url.rpartition(":")[2]), stdout=io.StringIO())
