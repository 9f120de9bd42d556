"""The buttons for money that staff vouch for: cash, bank transfers, cheques, and taking them back."""

from decimal import Decimal

from django import forms
from django.core.validators import RegexValidator
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)
from uuid_utils.compat import uuid7

from backoffice.dialogs import MoveDialog, RowDialog
from backoffice.money import format_money
from payments.dialogs import OrderMoneyDialog
from payments.models import PaymentStatus
from payments.services.by_hand import BY_HAND, paid_the_same_today, preview_taking_back, reverse_payment
from payments.services.cheques import record_cheque
from payments.services.payments import record_cash
from payments.services.settlement import amount_due
from payments.services.tills import OPEN_FIRST, needs_till, own_till
from payments.services.transfers import record_transfer

# Shows the change while the amounts are typed; in cents, because floating point knows no cents.
SHOW_CHANGE = (
    "const cents = name => Math.round(($refs.form.elements[name].value || 0) * 100);"
    "const change = cents('handed') - cents('amount');"
    "$refs.change.textContent = change < 0 ? '–' : (change / 100).toFixed(2)"
)


def money_field(label, **options):
    """An amount of at least a cent."""
    options = {"min_value": Decimal("0.01"), "widget": UnfoldAdminDecimalFieldWidget, **options}
    return forms.DecimalField(label=label, max_digits=12, decimal_places=2, **options)


def text_field(label, longest, **options):
    return forms.CharField(label=label, max_length=longest, widget=UnfoldAdminTextInputWidget, **options)


def date_field(label, **options):
    widget = UnfoldAdminSingleDateWidget(attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **options)


class OnceDialog(RowDialog):
    """A dialog that records once, however often its button is pressed."""

    key = forms.CharField(
        widget=forms.HiddenInput, required=False, validators=[RegexValidator(r"^[0-9a-f]{32}$")]
    )

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.fields["key"].initial = uuid7().hex

    def clean(self):
        if "key" in self.errors:  # nobody sees what is wrong with a hidden field
            self.add_error(None, _("Close this window and open it again."))
        return super().clean()


class RecordDialog(OnceDialog, OrderMoneyDialog):
    """Records money that a customer brought for an order."""

    permission = "payments.record_payment"
    submit_text = gettext_lazy("Record")

    amount = money_field(gettext_lazy("Amount"))
    note = text_field(gettext_lazy("Note"), 255, required=False)

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.due = amount_due(row)
        self.fields["amount"].initial = self.due


class RecordCashDialog(RecordDialog):
    """Records cash handed over for an order, and says the change."""

    name = "record_cash"
    label = gettext_lazy("Record cash")
    icon = "payments"

    amount = money_field(gettext_lazy("Amount received"))
    handed = money_field(gettext_lazy("Handed over"), required=False)
    field_order = ["amount", "handed", "note", "key"]

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        for name in ("amount", "handed"):
            self.fields[name].widget.attrs["x-on:input"] = SHOW_CHANGE
        self.fields["handed"].help_text = format_html(
            '{} {} <output x-ref="change" class="money-change">–</output>', _("Change:"), row.currency
        )

    def effects(self):
        lines = [_("%s is due; a part can be taken.") % format_money(self.due, self.row.currency)]
        session = own_till(self.row.business_id, by=self.request.user)
        if not session and needs_till(self.row.business_id):
            link = reverse("admin:payments_cashdrawer_changelist")
            return [
                format_html('{} <a class="row-link" href="{}">{}</a>', OPEN_FIRST, link, _("Cash drawers"))
            ]
        if session:
            lines.append(_("It goes into the drawer %s. Change is not counted.") % session.drawer)
        return lines

    def apply(self, *, by):
        payment = record_cash(self.row, by=by, **self.cleaned_data)
        change = (self.cleaned_data["handed"] or payment.amount) - payment.amount
        if not change:
            return _("%s recorded.") % payment
        money = format_money(change, payment.currency)
        return _("%(payment)s recorded. Change: %(change)s.") % {"payment": payment, "change": money}


class ClaimDialog(RecordDialog):
    """Records money that the bank has yet to bring; asks back when it may be the same money again."""

    is_another = forms.BooleanField(
        label=gettext_lazy("It is other money"), required=False, widget=forms.HiddenInput
    )

    def clean(self):
        values = super().clean()
        same = values.get("amount") and paid_the_same_today(self.row, values["amount"])
        if same and not values.pop("is_another", False):
            self.fields["is_another"].widget = UnfoldBooleanWidget()
            self.add_error(
                None,
                _("%(customer)s paid the same amount today: %(payment)s. Is this other money? Then say so.")
                % {"customer": self.row.customer, "payment": same},
            )
        values.pop("is_another", None)
        return values


class RecordTransferDialog(ClaimDialog):
    """Writes down that a customer has sent a bank transfer."""

    name = "record_transfer"
    label = gettext_lazy("Record bank transfer")
    icon = "account_balance"

    reference = text_field(gettext_lazy("Bank's reference"), 60)
    bank_account = text_field(
        gettext_lazy("To our account"), 60, help_text=gettext_lazy("Bank and number, such as KCB 0110.")
    )
    value_date = date_field(gettext_lazy("Value date"), initial=timezone.localdate)
    field_order = ["amount", "reference", "bank_account", "value_date", "note", "key", "is_another"]

    def effects(self):
        return [
            _("It is a claim: %s is paid when somebody has seen the money on the statement.") % self.row,
            _("Until then the order can be paid in any other way."),
        ]

    def apply(self, *, by):
        return _("%s recorded; it waits to be confirmed.") % record_transfer(
            self.row, by=by, **self.cleaned_data
        )


class RecordChequeDialog(ClaimDialog):
    """Writes down a cheque that was handed over."""

    name = "record_cheque"
    label = gettext_lazy("Record cheque")
    icon = "request_quote"

    bank = text_field(gettext_lazy("Bank"), 60)
    number = text_field(gettext_lazy("Cheque number"), 30)
    drawn_by = text_field(gettext_lazy("Drawn by"), 200, required=False)
    due_on = date_field(
        gettext_lazy("Date on the cheque"),
        initial=timezone.localdate,
        help_text=gettext_lazy("A later day is right for a post-dated cheque."),
    )
    field_order = ["amount", "bank", "number", "drawn_by", "due_on", "note", "key", "is_another"]

    def effects(self):
        return [_("%s is paid when the bank has cleared the cheque, not before.") % self.row]

    def apply(self, *, by):
        return _("%s recorded.") % record_cheque(self.row, by=by, **self.cleaned_data)


class BounceDialog(MoveDialog):
    """The bank returned a cheque."""

    bank_fee = money_field(
        gettext_lazy("Bank's fee"), min_value=Decimal(0), initial=Decimal(0), required=False
    )

    def clean_bank_fee(self):
        return self.cleaned_data["bank_fee"] or Decimal(0)


class ReversePaymentDialog(RowDialog):
    """Takes back money that was recorded by mistake."""

    name = "reverse_payment"
    label = gettext_lazy("Reverse")
    rare = True
    icon = "undo"
    permission = "payments.reverse_payment"
    submit_text = gettext_lazy("Take it back")
    harmful = True

    reason = text_field(gettext_lazy("What went wrong"), 255)

    @classmethod
    def is_available(cls, row, user):
        by_hand = row.method in BY_HAND and row.status == PaymentStatus.SUCCESSFUL
        return by_hand and super().is_available(row, user)

    def effects(self):
        return [
            _("For money that never came. What is given back to a customer is a refund."),
            *preview_taking_back(self.row),
        ]

    def apply(self, *, by):
        return _("%s is taken back.") % reverse_payment(self.row, by=by, **self.cleaned_data)
