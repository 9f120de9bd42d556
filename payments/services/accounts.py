"""Which account of a business money goes through, and the gateway that speaks for it.

In a demo every gateway speaks to the simulator on this machine instead, with credentials that are nobody's.
"""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from payments.gateways.gateway import Gateway
from payments.gateways.mpesa import MpesaConfig, MpesaGateway
from payments.gateways.paypal import PaypalConfig, PaypalGateway
from payments.gateways.stripe import StripeConfig, StripeGateway
from payments.models import Provider, ProviderAccount
from payments.simulator import SIMULATOR_CREDENTIALS
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS
from payments.simulator.stripe.wire import STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET

SANDBOXES = {
    Provider.MPESA: "https://sandbox.safaricom.co.ke",
    Provider.STRIPE: "https://api.stripe.com",
    Provider.PAYPAL: "https://api-m.sandbox.paypal.com",
}
LIVE = {
    Provider.MPESA: "https://api.safaricom.co.ke",
    Provider.STRIPE: "https://api.stripe.com",
    Provider.PAYPAL: "https://api-m.paypal.com",
}


def account_for(business, provider):
    """Return the business's active account at a provider, or None."""
    accounts = ProviderAccount._base_manager.filter(business=business, provider=provider, is_active=True)
    return accounts.first()


def gateway_for(provider, account) -> Gateway:
    """Return the gateway that speaks for an account. Raises RuleBroken, naming what its set-up lacks.

    Without an account M-Pesa falls back to the one of the environment.
    """
    return BUILDERS[Provider(provider)](account)


def mpesa_gateway(account):
    if settings.PAYMENT_SIMULATOR_URL:
        values = {"base_url": settings.PAYMENT_SIMULATOR_URL, "allow_http": True, **SIMULATOR_CREDENTIALS}
    elif account:
        numbers = {"shortcode": account.identifier, "till": account.till}
        values = {"base_url": address_of(account), **secrets_of(account, MPESA_SECRETS), **numbers}
    elif settings.MPESA["consumer_key"]:
        values = settings.MPESA
    else:
        raise RuleBroken(_("M-Pesa is not set up yet: its credentials are missing."))
    return MpesaGateway(MpesaConfig(**values), cache)


def stripe_gateway(account):
    if settings.PAYMENT_SIMULATOR_URL:
        return StripeGateway(
            StripeConfig(
                secret_key=STRIPE_SECRET_KEY,
                webhook_secrets=(STRIPE_WEBHOOK_SECRET,),
                live=False,
                base_url=f"{settings.PAYMENT_SIMULATOR_URL}/stripe",
                allow_http=True,
            )
        )
    values = secrets_of(require(account, Provider.STRIPE), STRIPE_SECRETS)
    hooks = tuple(values["webhook_secrets"].split())
    return StripeGateway(
        StripeConfig(values["secret_key"], hooks, live=account.is_live, base_url=address_of(account))
    )


def paypal_gateway(account):
    if settings.PAYMENT_SIMULATOR_URL:
        base_url = f"{settings.PAYMENT_SIMULATOR_URL}/paypal"
        return PaypalGateway(PaypalConfig(base_url=base_url, allow_http=True, **PAYPAL_CREDENTIALS), cache)
    values = secrets_of(require(account, Provider.PAYPAL), PAYPAL_SECRETS)
    return PaypalGateway(
        PaypalConfig(merchant_id=account.identifier, base_url=address_of(account), **values), cache
    )


BUILDERS = {
    Provider.MPESA: mpesa_gateway,
    Provider.STRIPE: stripe_gateway,
    Provider.PAYPAL: paypal_gateway,
}
# What an account keeps sealed, by the names of the gateways' configs.
MPESA_SECRETS = (
    "consumer_key",
    "consumer_secret",
    "passkey",
    "initiator",
    "security_credential",
    "initiator_password",
    "certificate",
)
STRIPE_SECRETS = ("secret_key", "webhook_secrets")
PAYPAL_SECRETS = ("client_id", "client_secret", "webhook_id")
SECRETS = {
    Provider.MPESA: MPESA_SECRETS,
    Provider.STRIPE: STRIPE_SECRETS,
    Provider.PAYPAL: PAYPAL_SECRETS,
}


def require(account, provider):
    if account is None:
        raise RuleBroken(_("%s is not set up yet for this business.") % Provider(provider).label)
    return account


def secrets_of(account, names) -> dict[str, Any]:
    return {name: account.secrets.get(name, "") for name in names}


def address_of(account):
    """Return where the provider is: the real one, or its sandbox."""
    return (LIVE if account.is_live else SANDBOXES)[Provider(account.provider)]


@transaction.atomic
def save_account(account, *, by, new_secrets=None):
    """Save an account; secrets that are given replace those of the same name. Returns it.

    A new account gets the secret address to which its provider delivers.
    """
    account.secrets = {**account.secrets, **{k: v for k, v in (new_secrets or {}).items() if v}}
    if not account.hook_hash:
        account.hook_token = secrets.token_hex(16)
        account.hook_hash = hashlib.sha256(account.hook_token.encode()).hexdigest()
    account._history_user = by
    account.save()
    return account
