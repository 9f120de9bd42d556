"""News that moves nothing by itself: refunds and answers are passed on, disputes are shown to a person."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.money import format_money
from payments.gateways.gateway import State
from payments.services.cases import Decision, NotYet, ignored, to_review
from payments.services.refund_results import apply_refund_notice
from payments.services.same_money import find_booked, said_about
from payments.services.till_looks import decide_answer

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
    """Pass on the answer to a question: about money at the till, or about a refund."""
    return decide_answer(case) if case.event.about_id else decide_refund(case)


def own_payment(case, receipt):
    """Return the business's payment with a receipt, or None."""
    payment = find_booked(case.method, receipt)
    return payment if payment and payment.business_id == case.event.business_id else None
