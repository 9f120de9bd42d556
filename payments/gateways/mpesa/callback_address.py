"""Addresses at which Safaricom may call us back."""

import re

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken

FORBIDDEN_WORDS = ("m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query")


def check_address(address: str, *, allow_http: bool) -> None:
    """Let an address pass that Safaricom takes; raise RuleBroken for another."""
    lowered = address.lower()
    for word in FORBIDDEN_WORDS:
        if word in lowered:
            raise RuleBroken(
                _("Safaricom refuses a callback address with “%(word)s” in it.") % {"word": word}
            )
    if not re.fullmatch(r"https?://\S+", lowered):
        raise RuleBroken(_("The callback address is not a web address."))
    if not (allow_http or address.startswith("https://")):
        raise RuleBroken(_("The callback address must begin with https://."))
