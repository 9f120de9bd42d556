"""The page of an account: owners set it up, and nobody reads its secrets."""

import pytest

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.models import ProviderAccount
from tests.builders import make_business, make_user
from tests.payments.hooks import make_account
from tests.payments.money import fresh

pytestmark = pytest.mark.django_db
ACCOUNTS = "/admin/payments/provideraccount/"
BACKEND = "backoffice.people.backend.RoleBackend"


@pytest.fixture
def owner(client, store):
    person = make_user((store, OWNER))
    client.force_login(person, backend=BACKEND)
    return person


def page(account):
    return f"{ACCOUNTS}{account.pk}/change/"


def form_of(account, **values):
    return {
        "business": str(account.business_id),
        "name": account.name,
        "till": account.till,
        "is_active": "on",
        "trusted_up_to": "500",
        "quote_currency": "",
        "quote_rate": "",
        **values,
    }


def test_an_owner_adds_an_account_which_begins_in_the_sandbox_with_an_address_of_its_own(
    client, store, owner
):
    form = {"business": str(store.pk), "provider": "mpesa", "name": "Shop", "identifier": "600966"}
    form |= {"trusted_up_to": "0", "is_active": "on", "till": "", "quote_currency": "", "quote_rate": ""}
    answer = client.post(f"{ACCOUNTS}add/", form)
    account = ProviderAccount._base_manager.get()
    assert answer.status_code == 302 and not account.is_live and len(account.hook_token) == 32
    content = client.get(page(account)).content.decode()
    assert f"/hooks/till/{account.hook_token}/" in content
    assert f"/hooks/check/{account.hook_token}/" in content


def test_secrets_are_set_and_replaced_and_never_shown(client, store, owner):
    account = make_account(store, "stripe", new_secrets={"webhook_secrets": ""})
    client.post(page(account), form_of(account, webhook_secrets="whsec_typed", secret_key=""))
    account = fresh(account)
    assert account.secrets == {"secret_key": "sk_test_simulator", "webhook_secrets": "whsec_typed"}
    assert account.trusted_up_to == 500
    for address in (page(account), ACCOUNTS, f"{ACCOUNTS}{account.pk}/history/"):
        content = client.get(address, follow=True).content.decode()
        assert "whsec_typed" not in content and "sk_test_simulator" not in content, address
    assert client.get(page(account)).content.decode().count("Set.") == 2
    assert account.history.first().history_user == owner


def test_each_provider_has_its_own_secrets(client, store, owner):
    content = client.get(page(make_account(store, "paypal"))).content.decode()
    assert 'name="webhook_id"' in content and 'name="passkey"' not in content
    assert "Register at Safaricom" not in content


def test_going_live_takes_the_number_of_the_account(client, store, owner):
    account = make_account(store)
    address = f"{ACCOUNTS}{account.pk}/do-switch-mode/"
    assert "real money" in client.get(address).content.decode()
    client.post(address, {"words": "yes"})
    assert not fresh(account).is_live
    client.post(address, {"words": account.identifier})
    assert fresh(account).is_live and fresh(account).history.first().history_user == owner


def test_our_addresses_are_told_to_safaricom_once(client, store, owner, simulator, settings):
    settings.PAYMENT_SIMULATOR_URL, settings.BASE_URL = simulator.url, "http://127.0.0.1:9"
    account = make_account(store, identifier="174379")
    address = f"{ACCOUNTS}{account.pk}/do-register-urls/"
    client.get(address)
    assert client.post(address)["HX-Redirect"] == page(account)
    (registration,) = simulator.registrations.values()
    assert registration.confirmation_url.endswith(f"/hooks/till/{account.hook_token}/")
    client.post(address)
    assert "already" in client.get(page(account)).content.decode()


def test_what_is_missing_is_said_and_not_sent(client, store, owner):
    account = make_account(store)
    content = client.post(f"{ACCOUNTS}{account.pk}/do-register-urls/").content.decode()
    assert "not set up" in content or "missing" in content


@pytest.mark.parametrize("role", [STAFF, ACCOUNTANT])
def test_others_than_owners_see_no_accounts(client, store, role):
    account = make_account(store)
    client.force_login(make_user((store, role)), backend=BACKEND)
    for address in (ACCOUNTS, page(account), f"{ACCOUNTS}add/"):
        assert client.get(address).status_code in (302, 403)


def test_the_account_of_another_business_is_not_found(client, owner):
    account = make_account(make_business())
    assert client.get(page(account)).status_code in (302, 404)
    assert client.post(f"{ACCOUNTS}{account.pk}/do-switch-mode/", {"words": "600966"}).status_code == 404
    assert not fresh(account).is_live
