"""The accounts of the demo at the pretend providers."""

from decimal import Decimal

from backoffice.roles import OWNER
from payments.models import PaymentAttempt, Provider, ProviderAccount
from payments.services.accounts import save_account
from payments.simulator import SIMULATOR_CREDENTIALS

# The customer pays with PayPal in dollars: it takes no shillings.
ACCOUNTS = [
    {"provider": Provider.MPESA, "name": "Till"},
    {"provider": Provider.STRIPE, "name": "Cards"},
    {"provider": Provider.PAYPAL, "name": "PayPal", "quote_currency": "USD", "quote_rate": Decimal("129.50")},
]


def open_accounts(story):
    """Give each business accounts of its own at the pretend providers, which are asked before money counts.

    Last of all: the past was told without anybody to ask.
    """
    for n, business in enumerate(story.businesses):
        if business.currency == "KES":
            owner = story.people[business, OWNER][0]
            for values in ACCOUNTS:
                numbers = {"identifier": f"demo-{business.code}"}
                if values["provider"] == Provider.MPESA:
                    numbers = {"identifier": SIMULATOR_CREDENTIALS["shortcode"], "till": f"{520110 + n}"}
                account = ProviderAccount(business=business, is_live=False, **values, **numbers)
                save_account(account, by=owner)
    # The pretend Safaricom began with nothing: it knows none of the prompts of the story.
    PaymentAttempt.objects.update(next_look_at=None)
