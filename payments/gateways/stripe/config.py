"""Where and as whom Stripe is spoken to."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from payments.gateways.mpesa.messages import LOOPBACK

STRIPE_URL = "https://api.stripe.com"
API_VERSION = "2025-03-31.basil"
SECRET_KEY = re.compile(r"(sk|rk)_(live|test)_[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class StripeConfig:
    """One Stripe account, in one mode.

    `live` says whether real money moves; the secret key must be of that mode. `webhook_secrets` are those of
    the endpoint, two while one is being replaced; without any, deliveries are refused. `api_version` is that
    of our requests. Plain http is taken only with `allow_http`, and then only for this machine. Timeouts are
    in seconds. Raises RuleBroken, naming the setting, for one that cannot work.
    """

    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    live: bool
    base_url: str = STRIPE_URL
    api_version: str = API_VERSION
    allow_http: bool = False
    connect_timeout: float = 5.0
    read_timeout: float = 25.0

    def __post_init__(self) -> None:
        if not self.secret_key:
            raise RuleBroken(_("Stripe is not set up: its secret key is missing."))
        key = SECRET_KEY.fullmatch(self.secret_key)
        if not key:
            raise RuleBroken(
                _("The secret key of Stripe begins with sk_live_, sk_test_, rk_live_ or rk_test_.")
            )
        if (key[2] == "live") is not self.live:
            raise RuleBroken(
                _("The secret key of Stripe is of the other mode: one is live, the other a test.")
            )
        if not self.api_version:
            raise RuleBroken(_("Stripe is not set up: its API version is missing."))
        if not all(secret.strip() for secret in self.webhook_secrets):
            raise RuleBroken(_("Stripe is not set up: a webhook secret is empty."))
        address = urlsplit(self.base_url)
        secure = address.scheme == "https" and bool(address.hostname)
        if not secure and not (self.allow_http and address.scheme == "http" and self.is_local):
            raise RuleBroken(_("The Stripe address must begin with https://, as secrets are sent to it."))

    @property
    def is_local(self) -> bool:
        """Whether the provider is a simulator on this machine."""
        return urlsplit(self.base_url).hostname in LOOPBACK
