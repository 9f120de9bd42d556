"""One receipt is one payment, by whichever road its news comes first."""

from datetime import timedelta
from hashlib import sha256

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from payments.models import Payment, PaymentAttempt, PaymentMethod
from payments.models.attempt import PROMPT_LIFETIME
from payments.models.payment import RECEIVED

# So much Safaricom's clock and ours may differ, and so long its news of a prompt may be on the way.
SLACK = timedelta(minutes=10)


def find_booked(method, receipt):
    """Return the payment with this receipt, or None."""
    return Payment._base_manager.filter(method=method, transaction_id=receipt).first() if receipt else None


def may_be_same_money(attempt, booked, notice, amount):
    """Whether money that is booked can be what this prompt brought: not taken by a prompt, and like it."""
    is_like_it = (booked.business_id, booked.amount) == (attempt.business_id, amount)
    is_elsewhere = attempt.account_id and booked.account_id and attempt.account_id != booked.account_id
    is_free = is_like_it and not is_elsewhere and not is_taken(booked, by_other_than=attempt)
    return is_free and is_same_payer(booked, notice.phone)


def find_same_money(attempt):
    """Return the booked payments that may be what a prompt brought of which no receipt is told, locked.

    A receipt that the customer showed decides between them.
    """
    found = money_like(attempt)
    if not attempt.claimed_receipt:
        return found
    shown = [each for each in found if each.transaction_id == attempt.claimed_receipt]
    return shown or [each for each in found if is_known_payer(attempt, each)]


def money_like(attempt):
    """Return the payments, locked, that came while a prompt was on the phone, in full, for no other order.

    No prompt took them, and nobody else is known to have paid them.
    """
    own = Q(account=attempt.account) | Q(account=None) if attempt.account_id else Q()
    like_it = Payment._base_manager.filter(
        Q(order=attempt.order_id) | Q(order=None),
        own,
        business=attempt.business_id,
        method=PaymentMethod.MPESA,
        status__in=RECEIVED,
        amount=attempt.worth,
        paid_at__range=paid_between(attempt),
    )
    like_it = like_it.select_for_update(of=("self",), no_key=True).order_by("pk")
    return [each for each in like_it if may_be_of(attempt, each)]


def paid_between(attempt):
    """Return from when to when the customer can have paid by a prompt, by Safaricom's clock."""
    return (attempt.sent_at or attempt.created_at) - SLACK, attempt.ends_at + SLACK


def paid_by_prompt_at(moment, attempts):
    """Keep the prompts that the customer can have paid at a moment, by Safaricom's clock."""
    first = moment - PROMPT_LIFETIME - SLACK
    return attempts.alias(since=Coalesce("sent_at", "created_at")).filter(
        since__range=(first, moment + SLACK)
    )


def may_be_of(attempt, booked):
    """Whether booked money can be of this prompt: no other one took it, and nobody else paid it."""
    return not is_taken(booked, by_other_than=attempt) and is_same_payer(booked, attempt.phone)


def is_taken(booked, by_other_than):
    """Whether another attempt brought this payment."""
    return PaymentAttempt._base_manager.filter(payment=booked).exclude(pk=by_other_than.pk).exists()


def is_surely_of(attempt, booked):
    """Whether money that may be a prompt's is so for certain: by the receipt shown, or else by its payer."""
    if attempt.claimed_receipt:
        return booked.transaction_id == attempt.claimed_receipt
    return is_known_payer(attempt, booked)


def is_known_payer(attempt, booked):
    """Whether the phone or the order speaks for it, and it is not only like many others."""
    has_payer = booked.payer_phone or booked.payer_hash
    return bool(has_payer) or booked.order_id == attempt.order_id


def is_same_payer(payment, phone):
    """Whether a phone can be the payer's; where one of them is hidden, it can."""
    if payment.payer_phone and phone:
        return payment.payer_phone == phone
    if payment.payer_hash and phone:
        return payment.payer_hash == hash_phone(phone)
    return True


def hash_phone(phone):
    """Return how Safaricom hides 254XXXXXXXXX: the SHA-256 of its digits."""
    return sha256(phone.encode()).hexdigest()


def payer_of(notice):
    """Return what is told of the payer, as columns of the payment."""
    return {
        "payer_name": notice.payer[:200],
        "payer_phone": notice.phone,
        "payer_hash": notice.phone_hash,
        "payer_reference": notice.billref[:100],
    }


def said_about(notice):
    """Return a notice's own words: what is wrong with it, or else what it tells."""
    return " ".join(_(problem) for problem in notice.problems) or str(notice.text)
