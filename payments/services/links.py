"""A link by which the customer pays on a provider's own page: by card, or with PayPal."""

from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from payments.gateways.paypal import CURRENCIES, WITHOUT_CENTS
from payments.models import Provider
from payments.models.attempt import UNDECIDED
from payments.services.accounts import account_for
from payments.services.attempts import expire_attempt, open_attempt
from payments.services.settlement import amount_due, require_payable

LINKS = (Provider.STRIPE, Provider.PAYPAL)


@transaction.atomic
def request_link(order, *, provider, by):
    """Have a link made by which the customer pays all that is due for an order. Returns the attempt.

    Where the provider does not take the order's currency it is quoted in another one, at the account's rate.
    """
    if provider not in LINKS:
        raise ValueError(f"{provider} has no links")
    order = lock(order)
    require_payable(order)
    account = account_for(order.business_id, provider)
    if account is None:
        raise RuleBroken(_("%s is not set up yet for this business.") % Provider(provider).label)
    due = amount_due(order)
    values = {"account": account, "worth": due, **quote(due, order.currency, account)}
    return open_attempt(order, provider=provider, by=by, **values)


def quote(amount, currency, account):
    """Return currency, amount_requested and rate to ask with for an amount; no rate where nothing is changed.

    Rounded half up to what the other currency has: cents, or whole units.
    """
    if takes(account, currency):
        return {"currency": currency, "amount_requested": amount, "rate": None}
    if not (account.quote_currency and account.quote_rate):
        raise RuleBroken(
            _("%(account)s does not take %(currency)s. Set another currency and its rate on the account.")
            % {"account": account, "currency": currency}
        )
    smallest = Decimal(1) if account.quote_currency in WITHOUT_CENTS else Decimal("0.01")
    asked = (amount / account.quote_rate).quantize(smallest, ROUND_HALF_UP)
    if not asked:
        raise RuleBroken(_("The amount is too small to be asked for in %s.") % account.quote_currency)
    return {"currency": account.quote_currency, "amount_requested": asked, "rate": account.quote_rate}


def takes(account, currency):
    """Whether an account asks for a currency as it is."""
    if account.provider == Provider.PAYPAL:
        return currency in CURRENCIES
    return account.quote_currency in ("", currency)


@transaction.atomic
def withdraw_link(attempt, *, by):
    """Wait for a link no longer, so that the customer can be asked in another way.

    The provider's page may stay open: who pays there after all is believed, and the money is not lost.
    """
    lock(attempt.order)
    attempt = lock(attempt)
    if attempt.is_prompt or attempt.status not in UNDECIDED:
        raise RuleBroken(_("Nobody waits for this link any more."))
    return expire_attempt(attempt, by=by, message=_("The link was withdrawn."))
