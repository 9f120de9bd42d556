"""Where M-Pesa is, and as whom we speak to it."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class MpesaConfig:
    """Where and as whom prompts are sent.

    `base_url` is Safaricom's; plain http is taken only with `allow_http`, and then only for this machine.
    `shortcode` is the paybill, or the head office (store) number of a till; `till` is the till number, empty
    for a paybill. Timeouts are in seconds. Raises RuleBroken, naming the setting, for one that cannot work.

    Giving money back and asking about a receipt need more: the name of an API operator (`initiator`), and
    either its `security_credential` as the portal makes it, or its `initiator_password` and Safaricom's
    `certificate` (PEM).
    """

    base_url: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    shortcode: str
    passkey: str = field(repr=False)
    till: str = ""
    allow_http: bool = False
    connect_timeout: float = 5.0
    read_timeout: float = 25.0
    initiator: str = ""
    security_credential: str = field(default="", repr=False)
    initiator_password: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name in ("consumer_key", "consumer_secret", "shortcode", "passkey"):
            if not getattr(self, name):
                raise RuleBroken(_("M-Pesa is not set up: its %(name)s is missing.") % {"name": name})
        for number in filter(None, (self.shortcode, self.till)):
            if not re.fullmatch(r"[0-9]{5,7}", number):
                raise RuleBroken(_("An M-Pesa till or paybill number has 5 to 7 digits."))
        address = urlsplit(self.base_url)
        secure = address.scheme == "https" and bool(address.hostname)
        if not secure and not (self.allow_http and address.scheme == "http" and self.is_local):
            raise RuleBroken(_("The M-Pesa address must begin with https://, as secrets are sent to it."))

    @property
    def is_local(self) -> bool:
        """Whether the provider is a simulator on this machine."""
        return urlsplit(self.base_url).hostname in LOOPBACK
