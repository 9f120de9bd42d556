"""One receipt is one payment, by whichever road its news comes first."""

from hashlib import sha256

from django.utils.translation import gettext as _

from payments.models import Payment, PaymentAttempt


def find_booked(method, receipt):
    """Return the payment with this receipt, or None."""
    return Payment._base_manager.filter(method=method, transaction_id=receipt).first() if receipt else None


def may_be_same_money(attempt, booked, notice, amount):
    """Whether money that is booked can be what this prompt brought: not taken by a prompt, and like it."""
    is_like_it = (booked.business_id, booked.amount) == (attempt.business_id, amount)
    is_elsewhere = attempt.account_id and booked.account_id and attempt.account_id != booked.account_id
    is_taken = PaymentAttempt._base_manager.filter(payment=booked).exclude(pk=attempt.pk).exists()
    return is_like_it and not is_elsewhere and not is_taken and is_same_payer(booked, notice.phone)


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
