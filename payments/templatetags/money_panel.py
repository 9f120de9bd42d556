from django import template
from django.conf import settings
from django.urls import reverse

from backoffice.money import format_money
from payments.queries import order_money
from payments.refund_words import REFUND_COLOURS, status_word, waits_for
from payments.words import ATTEMPT_COLOURS, local_phone, pill, what_happened

register = template.Library()

ICONS = {
    "good": "check_circle",
    "wait": "progress_activity",
    "warn": "error",
    "bad": "cancel",
    "calm": "info",
}
# More than so many buttons beside the first go into a menu.
MOST_BESIDE = 2


@register.simple_tag(takes_context=True)
def money_panel(context, order):
    """Return the money of an order and what its panel needs besides; None without the right to see it."""
    user = context["request"].user
    if not order or not user.has_perm("payments.view_payment", order):
        return None
    money = order_money(order)
    return {
        "money": money,
        "icon": ICONS[money.tone],
        "due": format_money(money.due, order.currency),
        "payment_url": money.payment and reverse("admin:payments_payment_change", args=[money.payment.pk]),
        "poll_url": reverse("admin:payments_payment_order_panel", args=[order.pk]),
        "order_url": reverse("admin:sales_order_change", args=[order.pk]),
        "phone_url": f"{settings.PAYMENT_SIMULATOR_URL}/phone" if settings.PAYMENT_SIMULATOR_URL else "",
        **buttons(money, user),
    }


def buttons(money, user):
    """Return the dialogs about money that the order and the person allow: `buttons`, and `more` for a menu.

    Nobody is asked for what is due while somebody is being asked for it.
    """
    from payments.by_hand_dialogs import RecordCashDialog, RecordChequeDialog, RecordTransferDialog
    from payments.dialogs import RequestCardDialog, RequestPaymentDialog, RequestPaypalDialog
    from payments.refund_dialogs import RefundOrderDialog

    usual = (RequestPaymentDialog, RecordCashDialog)
    ways = (*usual, RequestCardDialog, RequestPaypalDialog, RecordTransferDialog, RecordChequeDialog)
    order, is_asked_for = money.order, money.is_due and not money.is_awaited
    offered = [each for each in ways if is_asked_for and each.fits(order, user)]
    others = offered[1:] + [each for each in [RefundOrderDialog] if each.is_available(order, user)]
    beside = 1 if len(others) > MOST_BESIDE else len(others)
    first = links("sales_order", order, offered[:1], "button-primary")
    return {
        "buttons": first + links("sales_order", order, others[:beside]),
        "more": links("sales_order", order, others[beside:], "menu-item"),
    }


@register.simple_tag(takes_context=True)
def attempt_buttons(context, attempt):
    """Return the dialogs about one request."""
    from payments.attempt_dialogs import (
        DealWithAttemptDialog,
        EnterReceiptDialog,
        LookNowDialog,
        WithdrawLinkDialog,
    )

    dialogs = (LookNowDialog, EnterReceiptDialog, WithdrawLinkDialog, DealWithAttemptDialog)
    user = context["request"].user
    offered = [each for each in dialogs if each.is_available(attempt, user)]
    return links("payments_paymentattempt", attempt, offered)


def links(model, row, dialogs, look="button-plain"):
    """Return (address, icon, label, class of the button) for each dialog about a row."""
    return [
        (reverse(f"admin:{model}_{each.name}", args=[row.pk]), each.icon, each.label, look)
        for each in dialogs
    ]


register.filter("phone", local_phone)


@register.filter
def asked_amount(attempt):
    """What the customer was asked for."""
    return format_money(attempt.amount_requested, attempt.currency)


@register.filter
def used_amount(used):
    """How much of a payment is used for the order."""
    return format_money(used.amount, used.payment.currency)


@register.filter
def status_pill(attempt):
    """An attempt's status as a coloured label."""
    return pill(attempt.get_status_display(), ATTEMPT_COLOURS[attempt.status])


register.filter("what_happened", what_happened)
register.filter("refund_told", waits_for)


@register.filter
def refund_pill(refund):
    """A refund's status as a coloured label."""
    return pill(status_word(refund), REFUND_COLOURS[refund.status])
