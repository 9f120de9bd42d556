"""Where the simulator of the demo tells of money: at every account, as if it were registered there."""

from urllib.parse import urlsplit

import pytest

from payments.services.simulated_hooks import find_hook, till_addresses
from tests.builders import make_business
from tests.payments.hooks import make_account, make_card_attempt
from tests.payments.money import make_bill
from tests.payments.refunds import ask_back, make_free

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-7000-8000-000000000000"


def path(address):
    return urlsplit(address).path


def test_each_business_hears_of_its_own_cards():
    ours, theirs = make_business(), make_business()
    accounts = {each: make_account(each, "stripe", identifier=each.code) for each in (ours, theirs)}
    for business, account in accounts.items():
        attempt = make_card_attempt(make_bill(business), account)
        assert path(find_hook("stripe", str(attempt.pk))) == f"/hooks/card/{account.hook_token}/"


def test_a_refund_is_told_where_its_payment_was():
    business = make_business()
    account = make_account(business, "paypal")
    refund = ask_back(make_free(business, method="paypal"), "10")
    assert path(find_hook("paypal", str(refund.pk))) == f"/hooks/paypal/{account.hook_token}/"


def test_nobody_hears_of_what_was_not_asked_for_here():
    make_account(make_business(), "stripe")
    assert find_hook("stripe", NOBODY) == ""


def test_every_till_is_registered():
    ours, theirs = make_business(), make_business()
    accounts = [make_account(ours, till="520110"), make_account(theirs, till="520111")]
    told = {number: [path(each) for each in both] for number, both in till_addresses().items()}
    assert told == {
        each.till: [f"/hooks/till/{each.hook_token}/", f"/hooks/check/{each.hook_token}/"]
        for each in accounts
    }
