"""The buttons about free money, in the money inbox and on the page of a payment."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.admin.lists import LONGEST_SEARCH
from backoffice.dialogs import RowDialog
from backoffice.money import CENT, format_money
from backoffice.people.models import Customer
from payments.inbox_widgets import SearchedChoice, SplitAmounts, typed_parts
from payments.models import Allocation
from payments.queries import customers_who_paid
from payments.services.inbox import (
    keep_as_credit,
    park_payment,
    return_to_inbox,
    split_payment,
    undoable_uses,
    unmatch_payment,
)
from payments.services.payments import match_payment
from payments.services.proposals import offer, propose, search_orders, waiting_orders

LATEST_SHOWN = 12
NO_ORDER = gettext_lazy("No order that waits for money is found.")


class FreeMoneyDialog(RowDialog):
    """Decides about money of which some is free."""

    permission = "payments.match_payment"

    @classmethod
    def is_available(cls, row, user):
        return row.is_unmatched and super().is_available(row, user)

    @property
    def free(self):
        return format_money(self.row.free, self.row.currency)

    @property
    def term(self):
        """What the person searches for."""
        return self.request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]

    def prepare(self, widget, choices):
        """Let a widget show these choices, and search by way of the dialog's own address."""
        widget.choices_shown, widget.term, widget.address = choices, self.term, self.request.path

    def waiting(self):
        """The orders that may get the money."""
        return waiting_orders().filter(business=self.row.business_id, currency=self.row.currency)

    def order_choices(self, *chosen):
        """The orders of these keys first, then those found or, without a search, proposed and the latest."""
        kept = offer(self.row, self.waiting().filter(pk__in=filter(None, map(as_key, chosen))))
        if self.term:
            found = search_orders(self.row, self.term)
        else:
            found = [*propose(self.row), *offer(self.row, self.waiting()[:LATEST_SHOWN])]
        listed = {}
        for each in [*kept, *found]:
            listed.setdefault(each.order.pk, each)
        return list(listed.values())


class MatchPaymentDialog(FreeMoneyDialog):
    """Uses free money for one order; `?order=` in the address chooses it beforehand."""

    name = "match_payment"
    label = gettext_lazy("Use for an order")
    usual = True
    icon = "link"
    submit_text = gettext_lazy("Use it")

    order = forms.ModelChoiceField(
        label=gettext_lazy("Order"), queryset=waiting_orders().none(), widget=SearchedChoice
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        required=False,
        min_value=CENT,
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=gettext_lazy("Empty: as much as is due."),
    )

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        field = self.fields["order"]
        field.queryset = self.waiting()
        field.initial = as_key(self.request.GET.get("order", ""))
        chosen = self.data.get("order") or field.initial
        self.proposals = self.order_choices(chosen)
        if not field.initial and not self.term and self.proposals:
            field.initial = self.proposals[0].order.pk
        field.widget.search_label = _("Search: number, customer or phone")
        field.widget.nothing = NO_ORDER
        self.prepare(field.widget, [as_choice(each) for each in self.proposals])

    def effects(self):
        preset = as_key(self.request.GET.get("order", ""))
        chosen = next((each for each in self.proposals if each.order.pk == preset), None)
        if chosen is None:
            return [
                _("%s of it is free.") % self.free,
                _("The order becomes paid when nothing is due any more; what is left stays free."),
            ]
        return accept_effects(self.row, chosen)

    def apply(self, *, by):
        order, amount = self.cleaned_data["order"], self.cleaned_data["amount"]
        payment = match_payment(self.row, order=order, amount=amount, by=by)
        return _("%(payment)s is used for %(order)s.") % {"payment": payment, "order": order}


class SplitPaymentDialog(FreeMoneyDialog):
    """Uses free money for several orders at once."""

    name = "split_payment"
    label = gettext_lazy("Split over orders")
    icon = "call_split"
    submit_text = gettext_lazy("Use it")

    parts = forms.Field(label=gettext_lazy("Orders"), widget=SplitAmounts)

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        field = self.fields["parts"]
        field.initial = typed_parts(self.request.GET)
        typed = typed_parts(self.data) or field.initial
        field.widget.search_label = _("Search for another order")
        field.widget.nothing = NO_ORDER
        field.widget.free = row.free
        self.prepare(field.widget, [as_choice(each) for each in self.order_choices(*typed)])

    def clean_parts(self):
        """Return (order, amount) pairs."""
        typed = self.cleaned_data["parts"]
        orders = {
            str(order.pk): order for order in self.waiting().filter(pk__in=filter(None, map(as_key, typed)))
        }
        if set(typed) - set(orders):
            raise ValidationError(_("One of these orders does not wait for money any more."))
        return [(orders[key], as_amount(text)) for key, text in typed.items()]

    def effects(self):
        return [_("%s of it is free.") % self.free, _("All orders get their part, or none does.")]

    def apply(self, *, by):
        payment = split_payment(self.row, parts=self.cleaned_data["parts"], by=by)
        orders = ", ".join(order.number for order, _amount in self.cleaned_data["parts"])
        return _("%(payment)s is used for %(orders)s.") % {"payment": payment, "orders": orders}


class KeepAsCreditDialog(FreeMoneyDialog):
    """Keeps free money for a customer's next order."""

    name = "keep_as_credit"
    label = gettext_lazy("Keep as credit")
    rare = True
    icon = "savings"
    submit_text = gettext_lazy("Keep it")

    customer = forms.ModelChoiceField(
        label=gettext_lazy("Customer"),
        queryset=Customer.objects.filter(is_active=True),
        widget=SearchedChoice,
    )

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        field = self.fields["customer"]
        chosen = as_key(self.data.get("customer", "")) or row.customer_id
        customers = customers_who_paid(row, self.term, chosen)
        field.initial = customers[0].pk if customers and not self.term else None
        field.widget.search_label = _("Search: name or phone")
        field.widget.nothing = _("No customer is found; add the card first.")
        self.prepare(field.widget, [(str(each.pk), each.name, [nice_phone(each)], "") for each in customers])

    @classmethod
    def is_available(cls, row, user):
        return not row.credit_at and super().is_available(row, user)

    def effects(self):
        return [
            _("%s stays free and leaves the list of money that waits.") % self.free,
            _("It is offered when an order of the customer waits for money."),
        ]

    def apply(self, *, by):
        customer = self.cleaned_data["customer"]
        keep_as_credit(self.row, customer=customer, by=by)
        return _("%(free)s is kept as credit of %(customer)s.") % {"free": self.free, "customer": customer}


class ParkPaymentDialog(FreeMoneyDialog):
    """Puts free money aside, with a note."""

    name = "park_payment"
    label = gettext_lazy("Park")
    rare = True
    icon = "local_parking"

    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What it waits for, and until when."),
    )

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.fields["note"].initial = row.note

    @classmethod
    def is_available(cls, row, user):
        return not row.parked_at and super().is_available(row, user)

    def effects(self):
        return [_("It leaves the list of money that waits; the filter Parked shows it.")]

    def apply(self, *, by):
        return _("%s is parked.") % park_payment(self.row, note=self.cleaned_data["note"], by=by)


class ReturnToInboxDialog(FreeMoneyDialog):
    """Takes parked money, or a credit, back among what waits."""

    name = "return_to_inbox"
    label = gettext_lazy("Back to the inbox")
    icon = "move_to_inbox"

    @classmethod
    def is_available(cls, row, user):
        return bool(row.parked_at or row.credit_at) and super().is_available(row, user)

    def effects(self):
        return [_("%s waits again for somebody to say what it is for.") % self.free]

    def apply(self, *, by):
        return _("%s is back in the inbox.") % return_to_inbox(self.row, by=by)


class UnmatchPaymentDialog(RowDialog):
    """Takes money back from an order that it was used for by mistake."""

    name = "unmatch_payment"
    label = gettext_lazy("Take back from an order")
    rare = True
    icon = "link_off"
    permission = "payments.match_payment"

    use = forms.ModelChoiceField(
        label=gettext_lazy("Order"),
        queryset=Allocation._base_manager.none(),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        uses = [used.pk for used in undoable_uses(row)]
        self.fields["use"].queryset = Allocation._base_manager.filter(pk__in=uses).select_related(
            "order", "payment"
        )

    @classmethod
    def is_available(cls, row, user):
        return super().is_available(row, user) and bool(undoable_uses(row))

    def effects(self):
        return [
            _("The money is free again and waits in the money inbox."),
            _("Only orders that are not paid in full are shown; cancel an order that is."),
        ]

    def apply(self, *, by):
        used = self.cleaned_data["use"]
        unmatch_payment(used, by=by)
        return _("%(amount)s is taken back from %(order)s.") % {
            "amount": format_money(used.kept, self.row.currency),
            "order": used.order,
        }


def as_key(text):
    """Return the UUID in a text, or None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def as_amount(text):
    """Return the amount of a part as typed; raises ValidationError."""
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        raise ValidationError(_("%s is not an amount.") % text[:20]) from None
    if not amount.is_finite() or amount < CENT or amount != round(amount, 2) or amount >= 10**10:
        raise ValidationError(_("%s is not an amount.") % text[:20])
    return amount


def as_choice(proposal):
    """Return a proposal as (value, title, details, money) for a list to choose from."""
    order = proposal.order
    due = _("%s due") % format_money(proposal.due, order.currency)
    return str(order.pk), f"{order.number} · {order.customer}", proposal.reasons, due


def accept_effects(payment, proposal):
    """Say what happens when the money is used for an order as proposed."""
    names = {
        "amount": format_money(proposal.amount, payment.currency),
        "order": proposal.order,
        "customer": proposal.order.customer,
        "due": format_money(proposal.due - proposal.amount, payment.currency),
        "left": format_money(payment.free - proposal.amount, payment.currency),
    }
    lines = [_("%(amount)s is used for %(order)s of %(customer)s.") % names]
    if proposal.due == proposal.amount:
        lines.append(_("The order becomes paid."))
    else:
        lines.append(_("%(due)s is still due for it.") % names)
    if payment.free - proposal.amount >= 1:
        lines.append(_("%(left)s stays free and waits in the money inbox.") % names)
    return lines


def nice_phone(customer):
    return customer.phone.as_international if customer.phone else ""
