"""Where PayPal is, and who we are there."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken

LIVE = "https://api-m.paypal.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class PaypalConfig:
    """One PayPal application, and the address at which it is told of payments.

    `webhook_id` is the id of our webhook as PayPal registered it, not of an event: without it no delivery can
    be told from a forged one. `merchant_id` is the shop's own account, empty where it is not to be compared.
    Plain http is taken only with `allow_http`, and then only for this machine. Timeouts are in seconds.
    Raises RuleBroken, naming the setting, for one that is missing or cannot work.
    """

    client_id: str
    client_secret: str = field(repr=False)
    webhook_id: str
    merchant_id: str = ""
    base_url: str = LIVE
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    allow_http: bool = False

    def __post_init__(self) -> None:
        for name in ("client_id", "client_secret", "webhook_id"):
            if not getattr(self, name):
                raise RuleBroken(_("PayPal is not set up: its %(name)s is missing.") % {"name": name})
        if not re.fullmatch(r"[A-Za-z0-9]{1,50}", self.webhook_id):
            raise RuleBroken(_("A PayPal webhook_id is up to 50 letters and digits."))
        if not self.takes(self.base_url):
            raise RuleBroken(_("The PayPal address must begin with https://, as secrets are sent to it."))

    @property
    def is_local(self) -> bool:
        """Whether the provider is a simulator on this machine."""
        return urlsplit(self.base_url).hostname in LOOPBACK

    def takes(self, address: str) -> bool:
        """Tell whether an address is safe: https, or http on this machine where that is allowed."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        if parts.scheme == "https":
            return bool(parts.hostname)
        return self.allow_http and parts.scheme == "http" and parts.hostname in LOOPBACK
