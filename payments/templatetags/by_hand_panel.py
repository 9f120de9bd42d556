from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.money import format_money
from payments.models import BankTransfer, Cheque, ChequeStatus
from payments.services.settlement import amount_due
from payments.words import CLAIM_COLOURS, pill

register = template.Library()


@register.simple_tag(takes_context=True)
def by_hand_panel(context, order):
    """Return what the bank is to bring for an order and what is due again; None when there is nothing."""
    user = context["request"].user
    if not order or not user.has_perm("payments.view_payment", order):
        return None
    transfers = BankTransfer._base_manager.filter(order=order)
    cheques = Cheque._base_manager.filter(order=order)
    rows = [*map(tell, transfers), *map(tell, cheques)]
    return {"rows": rows, "warning": warning(order, cheques)} if rows else None


def tell(claim):
    """Return a claim as a row of the panel."""
    name = claim._meta.model_name
    day = claim.value_date if name == "banktransfer" else claim.due_on
    return {
        "address": reverse(f"admin:payments_{name}_change", args=[claim.pk]),
        "kind": claim._meta.verbose_name,
        "name": claim.reference if name == "banktransfer" else f"{claim.bank} {claim.number}",
        "day": day,
        "money": format_money(claim.amount, claim.currency),
        "status": pill(claim.get_status_display(), CLAIM_COLOURS[claim.status]),
    }


def warning(order, cheques):
    """Say that a bounced cheque left the order unpaid, or return an empty string."""
    due = amount_due(order)
    if due and any(each.status == ChequeStatus.BOUNCED for each in cheques):
        return _("A cheque bounced: %s is due again.") % format_money(due, order.currency)
    return ""
