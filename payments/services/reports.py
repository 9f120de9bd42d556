"""News that moves nothing by itself: refunds are passed on, disputes and look-ups are shown to a person."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.money import format_money
from payments.gateways.gateway import State
from payments.gateways.mpesa import confirms
from payments.services.cases import Decision, NotYet, applied, ignored, to_review
from payments.services.refund_results import apply_refund_notice
from payments.services.same_money import find_booked, said_about

DISPUTED = {
    State.PENDING: gettext_lazy("The customer's bank asks %(amount)s back. Answer at the provider in time."),
    State.PAID: gettext_lazy("The customer's bank has taken %(amount)s back."),
    State.FAILED: gettext_lazy("The dispute about %(amount)s is over: the money stays here."),
    State.UNKNOWN: gettext_lazy("There is news of a dispute about %(amount)s. See it at the provider."),
}


def decide_other(case):
    """Decide on what concerns no payment of ours."""
    case.hold()
    return ignored(said_about(case.notice) or _("Nothing that concerns payments here."))


def decide_refund(case):
    """Pass on news of money that goes back."""
    event = case.event
    try:
        decision = apply_refund_notice(event.refund, case.notice, by=case.by, account=event.account)
    except NotYet:
        case.hold()
        raise
    case.hold()
    return Decision(*decision)


def decide_dispute(case):
    """Show a dispute to a person, with the payment that it is about."""
    case.hold()
    notice = case.notice
    amount = format_money(notice.amount, notice.currency) if notice.amount else _("money")
    told = DISPUTED[notice.state] % {"amount": amount}
    return to_review(f"{told} {said_about(notice)}".strip(), own_payment(case, notice.original_receipt))


def decide_status(case):
    """Decide on the answer about a receipt: only one that tells of exactly this money confirms it."""
    if case.event.refund:
        return decide_refund(case)
    case.hold()
    notice = case.notice
    payment = own_payment(case, notice.receipt)
    if payment is None:
        return to_review(_("M-Pesa tells of receipt %s, which is not booked.") % (notice.receipt or "–"))
    account = payment.account
    told = {"receipt": payment.transaction_id, "amount": payment.amount}
    if account and confirms(notice, account=account.till or account.identifier, **told):
        return applied(_("M-Pesa confirms receipt %s.") % notice.receipt, payment)
    return to_review(_("M-Pesa tells something else of receipt %s.") % notice.receipt, payment)


def own_payment(case, receipt):
    """Return the business's payment with a receipt, or None."""
    payment = find_booked(case.method, receipt)
    return payment if payment and payment.business_id == case.event.business_id else None
