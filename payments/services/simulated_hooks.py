"""Where the simulator tells of money: at the addresses of the accounts, as if each were registered there."""

from payments.models import PaymentAttempt, Provider, ProviderAccount, Refund
from payments.services.account_setup import hook_addresses
from payments.services.accounts import account_for


def find_hook(provider, key):
    """Return where a provider delivers what concerns one of our keys, that of a request or of a refund.

    Empty for a key of nothing.
    """
    account = account_of(provider, key)
    return hook_addresses(account)[0] if account else ""


def account_of(provider, key):
    attempt = PaymentAttempt._base_manager.filter(pk=key).select_related("account").first()
    if attempt:
        return attempt.account
    refund = Refund._base_manager.filter(pk=key).first()
    return account_for(refund.business_id, provider) if refund else None


def till_addresses():
    """Return {till or paybill: (address of payments, address of questions)} of each account at M-Pesa."""
    accounts = ProviderAccount._base_manager.filter(provider=Provider.MPESA, is_active=True)
    accounts = accounts.exclude(hook_hash=None).order_by("till", "identifier")
    return {each.till or each.identifier: hook_addresses(each) for each in accounts}
