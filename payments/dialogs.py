"""The buttons about money, on the pages of orders, payments and deliveries."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.dialogs import RowDialog
from backoffice.errors import RuleBroken
from backoffice.money import format_money
from payments.gateways.mpesa import round_up_shillings
from payments.models import EventOutcome, Provider
from payments.queries import is_awaited
from payments.services.accounts import account_for
from payments.services.attempts import request_payment
from payments.services.dealt_with import STUCK, deal_with_event
from payments.services.events import REPLAYABLE, replay_event
from payments.services.links import quote, request_link
from payments.services.settlement import amount_due, can_take_money
from payments.words import local_phone


class OrderMoneyDialog(RowDialog):
    """Takes the money of an order; not offered while the customer may still answer a prompt."""

    in_panel = True

    @classmethod
    def is_available(cls, row, user):
        return cls.fits(row, user) and can_take_money(row) and not is_awaited(row)

    @classmethod
    def fits(cls, row, user):
        """Whether this is a way to take money of this order, were it asked for now."""
        return super().is_available(row, user)


class RequestPaymentDialog(OrderMoneyDialog):
    """Puts an M-Pesa prompt on the customer's phone."""

    name = "request_payment"
    label = gettext_lazy("Ask for M-Pesa payment")
    icon = "send_to_mobile"
    permission = "payments.request_payment"
    submit_text = gettext_lazy("Send the prompt")

    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=30, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        phone = str(row.customer.phone or "")
        self.is_kenyan = phone.startswith("+254")
        self.fields["phone"].initial = phone if self.is_kenyan else ""

    @classmethod
    def fits(cls, row, user):
        return row.currency == "KES" and super().fits(row, user)

    def effects(self):
        due = amount_due(self.row)
        if not due:
            return []
        asked = format_money(round_up_shillings(due), self.row.currency)
        lines = [_("The phone asks for %s and the M-Pesa PIN.") % asked]
        if not self.is_kenyan:
            lines.append(_("The customer's own number is not Kenyan. Enter that of whoever pays by M-Pesa."))
        if asked != format_money(due, self.row.currency):
            lines.append(_("M-Pesa takes whole shillings; the cents are recorded as rounding."))
        return [*lines, _("When the money has come, it is used for the order by itself.")]

    def apply(self, *, by):
        attempt = request_payment(self.row, phone=self.cleaned_data["phone"], by=by)
        asked = format_money(attempt.amount_requested, self.row.currency)
        return _("Asked %(phone)s for %(asked)s.") % {"phone": local_phone(attempt.phone), "asked": asked}


class RequestLinkDialog(OrderMoneyDialog):
    """Makes a link by which the customer pays; offered where the business has an account."""

    provider = ""
    icon = "link"
    permission = "payments.request_payment"
    submit_text = gettext_lazy("Make the link")

    @classmethod
    def fits(cls, row, user):
        return super().fits(row, user) and account_for(row.business_id, cls.provider) is not None

    def effects(self):
        account, due = account_for(self.row.business_id, self.provider), amount_due(self.row)
        if account is None or not due:
            return []
        try:
            asked = quote(due, self.row.currency, account)
        except RuleBroken as rule:
            return [str(rule)]
        amount = format_money(asked["amount_requested"], asked["currency"])
        lines = [_("The link asks for %s. Send it to the customer.") % amount]
        if asked["rate"]:
            rate = format_money(asked["rate"], self.row.currency)
            lines.append(
                _("Quoted at %(rate)s for %(one)s.") % {"rate": rate, "one": f"{asked['currency']} 1"}
            )
        return [*lines, _("When the money has come, it is used for the order by itself.")]

    def apply(self, *, by):
        attempt = request_link(self.row, provider=self.provider, by=by)
        asked = format_money(attempt.amount_requested, attempt.currency)
        return _("A link for %s is being made.") % asked


class RequestCardDialog(RequestLinkDialog):
    name = "request_card"
    label = gettext_lazy("Send a card link")
    icon = "credit_card"
    provider = Provider.STRIPE


class RequestPaypalDialog(RequestLinkDialog):
    name = "request_paypal"
    label = gettext_lazy("Send a PayPal link")
    provider = Provider.PAYPAL


class ReplayEventDialog(RowDialog):
    """Applies a delivery again that waits, failed or was put aside."""

    name = "replay_event"
    label = gettext_lazy("Apply again")
    icon = "replay"
    permission = "payments.replay_webhookevent"

    @classmethod
    def is_available(cls, row, user):
        return row.outcome in REPLAYABLE and super().is_available(row, user)

    def effects(self):
        return [
            _("What the delivery says is decided anew, by the same rules."),
            _("Money that was booked before is not booked again."),
        ]

    def apply(self, *, by):
        event = replay_event(self.row, by=by)
        if event.outcome == EventOutcome.APPLIED:
            return _("The delivery is applied.")
        return f"{event.get_outcome_display()}: {event.reason}"


class DealWithEventDialog(RowDialog):
    """Closes a delivery that applying again cannot end, such as news of a dispute."""

    name = "deal_with"
    label = gettext_lazy("Dealt with")
    icon = "task_alt"
    permission = "payments.replay_webhookevent"

    note = forms.CharField(
        label=gettext_lazy("What you did about it"), max_length=100, widget=UnfoldAdminTextInputWidget
    )

    @classmethod
    def is_available(cls, row, user):
        return row.outcome in STUCK and super().is_available(row, user)

    def effects(self):
        return [
            _("The delivery is kept with your words, and is listed to be looked at no more."),
            _("No money moves. Should it count as money, apply it again, or book it from the statement."),
        ]

    def apply(self, *, by):
        deal_with_event(self.row, note=self.cleaned_data["note"], by=by)
        return _("The delivery is dealt with.")
