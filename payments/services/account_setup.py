"""Setting an account up: where its provider has to deliver, and the step from the sandbox to real money."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change
from payments.gateways.gateway import AskRefused, AskUnknown
from payments.models import Provider
from payments.services.accounts import mpesa_gateway

VIEWS = {
    Provider.MPESA: ("till_payment", "till_check"),
    Provider.STRIPE: ("card_hook",),
    Provider.PAYPAL: ("paypal_hook",),
}


def hook_addresses(account):
    """Return the addresses to which the provider delivers; for M-Pesa those of payments and of questions."""
    paths = [reverse(f"payments:{view}", args=[account.hook_token]) for view in VIEWS[account.provider]]
    return [f"{settings.BASE_URL.rstrip('/')}{path}" for path in paths]


def register_at_safaricom(account):
    """Tell Safaricom where to report payments to the till. Returns a sentence; raises RuleBroken.

    Call it outside transactions. Safaricom keeps the first registration until it is asked to delete it.
    """
    if account.provider != Provider.MPESA:
        raise RuleBroken(_("Only M-Pesa is told our addresses from here."))
    payment, question = hook_addresses(account)
    try:
        is_new = mpesa_gateway(account).register_urls(confirmation_url=payment, validation_url=question)
    except (AskRefused, AskUnknown) as problem:
        raise RuleBroken(problem.text) from problem
    if is_new:
        return _("Safaricom now reports payments to this number here.")
    return _("Safaricom has addresses for this number already; only Safaricom itself can change them.")


@transaction.atomic
def switch_mode(account, *, live, words, by):
    """Let an account move real money, or go back to the sandbox. `words` repeat the account's number.

    Returns the account.
    """
    account = lock(account)
    if words.strip() != account.identifier:
        raise RuleBroken(_("Type the account's number, %s, to confirm.") % account.identifier)
    reason = _("switched to live") if live else _("switched to the sandbox")
    return record_change(account, ["is_live"], by=by, reason=reason, is_live=live)
