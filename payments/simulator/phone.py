"""The pages that are the customer's phone."""

from collections.abc import Iterable, Mapping, Sequence

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from payments.simulator.daraja import SIMULATOR_CREDENTIALS
from payments.simulator.prompt import ENDINGS, LABELS, LATE, Prompt
from payments.simulator.till import TillPayment

SHOWN = 20
SHOWN_EARLIER = 5


def list_page(prompts: Sequence[Prompt], own: Sequence[TillPayment]) -> str:
    """Return the phone: open requests, newest first, the last few answered, the last few payments unasked."""
    newest = [_describe(prompt) for prompt in reversed(prompts[-200:])]
    return render_to_string(
        "payments/simulator/list.html",
        {
            "open": [prompt for prompt in newest if not prompt["answered"]][:SHOWN],
            "earlier": [prompt for prompt in newest if prompt["answered"]][:SHOWN_EARLIER],
            "own": [_describe_payment(payment) for payment in reversed(own[-SHOWN_EARLIER:])],
        },
    )


def prompt_page(prompt: Prompt | None) -> str:
    """Return the phone with one request on it: to be answered, answered, or not known."""
    return render_to_string(
        "payments/simulator/prompt.html",
        {"prompt": prompt and _describe(prompt), "choices": [(name, LABELS[name]) for name in LABELS]},
    )


def pay_page(values: Mapping[str, str], tills: Iterable[str], *, is_wrong: bool = False) -> str:
    """Return the form on which the customer pays a till or paybill without being asked; `tills` are known."""
    known = [*tills]
    values = {"shortcode": known[0] if known else SIMULATOR_CREDENTIALS["shortcode"], **values}
    context = {"values": values, "tills": known, "is_wrong": is_wrong}
    return render_to_string("payments/simulator/pay.html", context)


def _describe_payment(payment: TillPayment) -> dict[str, object]:
    return {
        "amount": f"{payment.amount:,}",
        "payee": payment.shortcode,
        "billref": payment.billref,
        "receipt": payment.receipt,
        "refused": payment.is_refused,
        "told": payment.delivered.is_set(),
        "heard": payment.answered_with == 200,
    }


def _describe(prompt: Prompt) -> dict[str, object]:
    """Say in text what a template shows; numbers stay as sent, whatever the language's separators."""
    paid = prompt.result_code == ENDINGS["pin"][0]
    label = _("Paid after all") if prompt.choice == LATE else LABELS.get(prompt.choice, "")
    return {
        "id": prompt.checkout_request_id,
        "payee": prompt.payee,
        "phone": f"0{prompt.phone[3:6]} {prompt.phone[6:9]} {prompt.phone[9:]}",
        "amount": f"{prompt.amount:,}.00",
        "reference": prompt.reference,
        "description": prompt.description,
        "time": f"{prompt.asked_at:%H:%M:%S}",
        "answered": bool(prompt.choice),
        "choice": label,
        "can_be_paid_late": prompt.can_be_paid_late,
        "told": prompt.delivered.is_set(),
        "heard": prompt.answered_with == 200,
        "paid": f"{prompt.paid:,}.00" if paid else "",
        "receipt": prompt.receipt,
    }
