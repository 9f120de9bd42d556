"""What news of money that we asked for does to its attempt, whoever the provider is.

Success may follow anything and is never undone.
"""

from uuid import UUID

from django.utils.translation import gettext as _

from backoffice.money import CURRENCIES
from backoffice.transitions import lock, move
from payments.gateways.gateway import State
from payments.gateways.paypal import APPROVED
from payments.models import AttemptStatus, EventOutcome, PaymentAttempt, Provider
from payments.models.attempt import UNDECIDED
from payments.services.attempts import fail_attempt
from payments.services.booking import book_money, ids_of, join_booked, misfit, worth_of
from payments.services.cases import Decision, Parked, applied, ignored, to_review
from payments.services.looking import ask_first, look_soon, must_ask
from payments.services.receipts import complete_receipt
from payments.services.same_money import find_booked, may_be_same_money, said_about

SPEAKERS = {Provider.MPESA: "Safaricom", Provider.STRIPE: "Stripe", Provider.PAYPAL: "PayPal"}


def decide_attempt(case):
    """Decide on news of money that we asked for; raises Parked when it cannot be believed or counted."""
    attempt = case.event.attempt or find_attempt_of(case)
    if attempt is None:
        case.hold()
        return nobody_asked(case.notice)
    order, attempt = lock(attempt.order), lock(attempt)
    case.hold()
    decision = apply_result(case, attempt, order)
    return decision._replace(found={"attempt": attempt, **decision.found})


def find_attempt_of(case):
    """Return the attempt that a webhook is about: by our key, or else by the provider's own names."""
    notice, event = case.notice, case.event
    ours = PaymentAttempt._base_manager.filter(
        business=event.business_id, provider=event.provider, account=event.account_id
    )
    if notice.key:
        try:
            return ours.filter(pk=UUID(notice.key)).first()
        except ValueError:
            return None
    if notice.reference:
        return ours.filter(checkout_request_id=notice.reference).first()
    if notice.second_reference:
        return ours.filter(merchant_request_id=notice.second_reference).order_by("created_at").first()
    return None


def nobody_asked(notice):
    """Decide on news of money that was not asked for from here."""
    if notice.state == State.PAID:
        return to_review(_("Nobody asked for this payment from here. See it at the provider."))
    return ignored(_("About a payment that nobody asked for from here."))


def apply_result(case, attempt, order):
    """Do what is told of an attempt, with order and attempt locked. Returns the Decision."""
    notice = case.notice
    require_same_request(attempt, notice)
    if notice.state == State.PAID:
        return apply_success(case, attempt, order)
    if notice.state == State.FAILED:
        return note_failure(attempt, notice, by=case.by)
    if notice.state == State.PENDING:
        if notice.code == APPROVED and attempt.status in UNDECIDED:  # its money is to be collected
            look_soon(attempt)
        return ignored(said_about(notice) or _("Not decided yet: the customer has still to pay."))
    return to_review(said_about(notice) or _("It does not say how the payment ended."))


def apply_success(case, attempt, order):
    """Book money that came, once, when it is known to be there."""
    notice = case.notice
    booked = find_booked(case.method, notice.receipt)
    if booked and booked.pk == attempt.payment_id and booked.amount == worth_of(attempt, order, notice)[0]:
        return ignored(_("Receipt %s was booked before.") % notice.receipt, booked)
    problem = unbookable(attempt, order, notice, booked)
    if problem:
        return put_off(case, attempt, problem)
    if attempt.status == AttemptStatus.SUCCEEDED:  # the provider confirmed it before the receipt was known
        payment = complete_receipt(attempt.payment, notice.receipt, by=case.by, paid_at=notice.paid_at)
        return applied(_("The receipt of money that was confirmed before."), payment)
    if must_ask(attempt, notice.amount):
        ask_first(attempt, reference=notice.reference, second_reference=notice.second_reference)
        return Decision(EventOutcome.WAITING, why_asked(attempt))
    problem = misfit(attempt, order, notice)
    if booked:
        payment = join_booked(attempt, order, booked, notice, problem, by=case.by)
    else:
        payment = book_money(attempt, order, notice, problem, by=case.by, paid_at=case.moment)
    return applied(" ".join(filter(None, [problem, *oddities(attempt, notice)])), payment)


def put_off(case, attempt, problem):
    """Leave a success that cannot be counted to a person; where only details lack, the provider is asked.

    Not where it was put off before: its money may be booked by another road.
    """
    if attempt.status not in (AttemptStatus.SUCCEEDED, AttemptStatus.REVIEW):
        values = {"message": problem[:255], "next_look_at": None}
        attempt = move(attempt, to=AttemptStatus.REVIEW, by=case.by, reason=problem, **values)
        if case.notice.problems:
            look_soon(attempt)
    return to_review(problem)


def require_same_request(attempt, notice):
    """Raise Parked when the provider's names are those of another request than the attempt found."""
    pairs = [
        (attempt.checkout_request_id, notice.reference),
        (attempt.merchant_request_id, notice.second_reference),
    ]
    is_other = any(ours and told and ours != told for ours, told in pairs)
    if notice.reference and not attempt.checkout_request_id:
        is_other = PaymentAttempt._base_manager.filter(checkout_request_id=notice.reference).exists()
    if is_other:
        raise Parked(_("The delivery is about another prompt than the one this address was made for."))


def note_failure(attempt, notice, *, by):
    """End an undecided attempt without money."""
    if attempt.status not in (*UNDECIDED, AttemptStatus.EXPIRED):
        return ignored(_("The attempt had ended before."))
    words, ids = said_about(notice) or _("Not paid."), ids_of(attempt, notice)
    fail_attempt(attempt, code=notice.code[:20], message=words, by=by, **ids)
    return applied(words)


def why_asked(attempt):
    """Return the sentence that says what is waited for."""
    return _("%s is being asked whether the money is there.") % SPEAKERS[Provider(attempt.provider)]


def unbookable(attempt, order, notice, booked):
    """Say why a success cannot be counted as money, or return an empty string."""
    if notice.problems:
        return said_about(notice)
    if worth_of(attempt, order, notice)[1] not in dict(CURRENCIES):
        return _("The customer paid in %s, which is not a currency of the books.") % notice.currency
    if booked and not may_be_same_money(attempt, booked, notice, worth_of(attempt, order, notice)[0]):
        return _("Receipt %s is already booked, for another prompt or another amount.") % notice.receipt
    if attempt.status == AttemptStatus.SUCCEEDED and (booked or attempt.payment.transaction_id):
        return _("This prompt was paid before, with another receipt than %s.") % notice.receipt
    return ""


def oddities(attempt, notice):
    """What is unusual about a payment without standing in its way."""
    found = [_(remark) for remark in notice.remarks]
    if notice.phone and notice.phone != attempt.phone:
        found.append(_("Paid from another phone than the one that was asked."))
    return found
