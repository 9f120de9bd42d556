"""Money that a customer sent to a till or paybill without being asked."""

from django.db.models.functions import SHA256, Substr
from django.utils.translation import gettext as _

from backoffice.people.models import Customer
from backoffice.transitions import lock
from payments.models import (
    AttemptStatus,
    Channel,
    EventOutcome,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    WebhookEvent,
)
from payments.services.cases import applied, ignored, to_review
from payments.services.looking import must_ask
from payments.services.notices import read_notice
from payments.services.receipts import complete_receipt, payments_without_receipt
from payments.services.same_money import find_booked, hash_phone, paid_by_prompt_at, payer_of, said_about
from payments.services.settlement import PAYABLE, amount_due, fail_awaited, receive_payment
from payments.services.till_looks import money_of, wait_for_word
from sales.models import Order
from sales.services.numbers import read_reference

# So many of a business are looked through for an order's page; their bodies are sealed.
MOST_CLAIMS = 50


class Hash(SHA256):
    """The SHA-256 of a text in hex; Django's own needs an extension of PostgreSQL."""

    def as_postgresql(self, compiler, connection, **context):
        template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
        return self.as_sql(compiler, connection, template=template, **context)


def decide_check(case):
    """Decide on the question whether we would take money: nothing moved."""
    case.hold()
    return ignored(_("Safaricom asked whether we would take a payment; no money moved."))


def decide_money(case):
    """Book money once, when it is known to be there.

    It pays the order that the payer named when it is exactly what that one waits for.
    """
    notice, account = case.notice, case.event.account
    order = named_order(account.business, notice)
    order = order and lock(order)
    case.hold()
    if notice.problems:
        return to_review(said_about(notice))
    if notice.account not in account.numbers:
        return to_review(_("The money went to another till or paybill than the one of this address."))
    booked = find_booked(PaymentMethod.MPESA, notice.receipt)
    if booked:
        return told_before(case, booked)
    if must_ask(case.event, notice.amount):
        return wait_for_word(case.event, notice)
    payment = confirmed_without_receipt(case)
    if payment:
        payment = complete_receipt(
            payment, notice.receipt, by=case.by, paid_at=case.moment, **payer_of(notice)
        )
        return applied(_("The receipt of money that was confirmed before."), payment)
    fits = order is not None and 0 <= notice.amount - amount_due(order) < 1 and amount_due(order) > 0
    payment = book_money(case, order if fits else None)
    words = [_(remark) for remark in notice.remarks]
    return applied(" ".join([*words, "" if fits else why_unmatched(notice, order)]).strip(), payment)


def told_before(case, booked):
    """Decide on a receipt that is booked: the same money by another road, or something odd."""
    notice = case.notice
    if booked.business_id != case.event.business_id:
        return to_review(_("Receipt %s is booked for another business.") % notice.receipt)
    if booked.amount != notice.amount:
        return to_review(_("Receipt %s is booked with another amount.") % notice.receipt, booked)
    return ignored(_("Receipt %s was booked before.") % notice.receipt, booked)


def named_number(business, notice):
    """Return the sequence of the order that the payer named, or None; what may be mistyped names nothing."""
    typed = read_reference(notice.billref, business.code)
    if typed is None or typed.is_mistyped or (typed.is_bare and not typed.is_checked):
        return None
    return typed.sequence


def named_order(business, notice):
    """Return the order that waits for its money and whose number the payer typed, or None."""
    number = named_number(business, notice)
    if number is None:
        return None
    orders = Order._base_manager.filter(business=business, sequence=number)
    return orders.filter(currency="KES", status__in=PAYABLE, paid_at=None).first()


def claims_for(order):
    """Return what is reported for an order and not confirmed yet: "KES 250.00, receipt ...", newest first."""
    claims = WebhookEvent._base_manager.filter(
        business=order.business_id, channel=Channel.C2B, outcome=EventOutcome.WAITING
    ).filter(next_look_at__isnull=False)
    notices = [read_notice(event) for event in claims.order_by("-pk")[:MOST_CLAIMS]]
    return [money_of(each) for each in notices if named_number(order.business, each) == order.sequence]


def confirmed_without_receipt(case):
    """Return the one payment that the provider confirmed, and that is likely this money, or None.

    A prompt brought it, from this payer, who typed nothing or that prompt's order and paid while it was on
    the phone.
    """
    notice, account = case.notice, case.event.account
    number = named_number(account.business, notice)
    attempts = PaymentAttempt._base_manager.filter(
        account=account,
        status=AttemptStatus.SUCCEEDED,
        payment__in=payments_without_receipt(account.business_id),
        payment__amount=notice.amount,
    )
    found = [
        each.payment
        for each in paid_by_prompt_at(case.moment, attempts).select_related("payment", "order")
        if is_from(each, notice, number)
    ]
    return found[0] if len(found) == 1 else None


def is_from(attempt, notice, number):
    """Whether money at the till can be a prompt's: its payer's, and not for another order.

    A payer who is hidden is known by the order.
    """
    is_its_order = number == attempt.order.sequence
    if number is not None and not is_its_order:
        return False
    if notice.phone or notice.phone_hash:
        return notice.phone == attempt.phone or notice.phone_hash == hash_phone(attempt.phone)
    return is_its_order


def book_money(case, order):
    """Book what came, for the order or as unmatched money. Returns the payment."""
    notice, account = case.notice, case.event.account
    payment = Payment(
        business_id=account.business_id,
        account=account,
        customer=order.customer if order else known_customer(notice),
        order=order,
        amount=notice.amount,
        currency="KES",
        method=PaymentMethod.MPESA,
        **payer_of(notice),
    )
    if order:
        fail_awaited(order, by=case.by, reason=_("paid by other money"))
    payment._history_user = case.by
    payment.save()
    return receive_payment(
        payment,
        by=case.by,
        reason=_("M-Pesa %s") % notice.receipt,
        transaction_id=notice.receipt,
        paid_at=case.moment,
    )


def known_customer(notice):
    """Return the one customer with the payer's phone, told in clear or as its hash; None for a stranger."""
    if notice.phone:
        return Customer.objects.filter(phone=f"+{notice.phone}").first()
    if notice.phone_hash:
        hashed = Customer.objects.annotate(phone_hash=Hash(Substr("phone", 2)))
        return hashed.filter(phone_hash=notice.phone_hash).first()
    return None


def why_unmatched(notice, order):
    """Say why money waits for somebody to say what it is for."""
    if order is not None:
        return _("The amount is not what %s waits for.") % order
    if notice.billref:
        return _("What the payer typed is no number of an order that waits for money.")
    return _("The payer named no order.")
