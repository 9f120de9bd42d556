"""The buttons of a cash drawer: open it, move cash, count it."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from backoffice.dialogs import RowDialog
from backoffice.money import format_money
from payments.by_hand_dialogs import OnceDialog, money_field, text_field
from payments.models import CashReason, TillStatus
from payments.models.till import DENOMINATIONS
from payments.services.counting import close_till, say_difference
from payments.services.tills import IN, OUT, move_cash, open_till, sessions_of

MOST_PIECES = 100_000

# Adds up the count while it is typed.
ADD_UP = (
    "$refs.total.textContent = ([...$refs.form.querySelectorAll('[data-worth]')].reduce("
    "(sum, each) => sum + each.value * Math.round(each.dataset.worth * 100), 0) / 100).toFixed(2)"
)


class CountDialog(RowDialog):
    """Asks how many of each note and coin lie in a drawer; Tab leads from one to the next."""

    permission = "payments.record_payment"

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.currency = self.currency_of(row)
        for worth in DENOMINATIONS[self.currency]:
            self.fields[f"pieces_{worth}"] = self.count_field(worth)
        self.fields[f"pieces_{worth}"].help_text = self.total_text()
        self.order_fields([*(name for name in self.fields if name.startswith("pieces_")), *self.fields])

    def count_field(self, worth):
        attrs = {"data-worth": worth, "x-on:input": ADD_UP, "inputmode": "numeric", "min": "0"}
        return forms.IntegerField(
            label=f"{self.currency} {worth} ×",
            min_value=0,
            max_value=MOST_PIECES,
            required=False,
            widget=UnfoldAdminIntegerFieldWidget(attrs=attrs),
        )

    def total_text(self):
        return format_html(
            '<strong>{} {} <output x-ref="total">0.00</output></strong>', _("Together:"), self.currency
        )

    @staticmethod
    def currency_of(row):
        return row.currency

    @property
    def counts(self):
        """What was typed, as {denomination: pieces}."""
        named = {worth: self.cleaned_data[f"pieces_{worth}"] for worth in DENOMINATIONS[self.currency]}
        return {worth: pieces for worth, pieces in named.items() if pieces}


class OpenTillDialog(CountDialog):
    name = "open_till"
    label = gettext_lazy("Open")
    usual = True
    icon = "lock_open"

    @classmethod
    def is_available(cls, row, user):
        return row.is_active and super().is_available(row, user) and not sessions_of(drawer=row).exists()

    @staticmethod
    def currency_of(row):
        return row.business.currency

    def effects(self):
        return [_("Count the float in the drawer. From now on you answer for its cash.")]

    def apply(self, *, by):
        session = open_till(self.row, counts=self.counts, by=by)
        money = format_money(session.opening_float, session.currency)
        return _("%(drawer)s is open with %(money)s.") % {"drawer": session.drawer, "money": money}


class OpenSessionDialog(RowDialog):
    """A dialog about a session that is open."""

    permission = "payments.record_payment"

    @classmethod
    def is_available(cls, row, user):
        return row.status == TillStatus.OPEN and super().is_available(row, user)


class MoveCashDialog(OnceDialog, OpenSessionDialog):
    name = "move_cash"
    label = gettext_lazy("Cash out or in")
    icon = "swap_vert"

    reason = forms.ChoiceField(
        label=gettext_lazy("What for"),
        choices=[(each.value, each.label) for each in (*OUT, *IN)],
        widget=UnfoldAdminSelectWidget,
    )
    amount = money_field(gettext_lazy("Amount"))
    note = text_field(gettext_lazy("Note"), 255, required=False)
    field_order = ["reason", "amount", "note", "key"]

    def effects(self):
        return [_("For cash that is not a customer's: a trip to the bank, change brought in.")]

    def clean_reason(self):
        return CashReason(self.cleaned_data["reason"])

    def apply(self, *, by):
        return _("Done: %s.") % move_cash(self.row, by=by, **self.cleaned_data)


class CloseTillDialog(OpenSessionDialog, CountDialog):
    name = "close_till"
    label = gettext_lazy("Count and close")
    usual = True
    icon = "lock"

    reason = text_field(gettext_lazy("Reason, if it differs"), 255, required=False)

    def effects(self):
        return [
            _("Count what lies in the drawer, float and all; then you see what was expected."),
            _("Each count stays with the session, also one that you correct."),
            _("A large difference has to be accepted by somebody else."),
        ]

    def apply(self, *, by):
        session = close_till(self.row, counts=self.counts, by=by, reason=self.cleaned_data["reason"])
        told = say_difference(session.difference, session.currency)
        if session.status == TillStatus.REVIEW:
            return _("%s. Somebody else has to accept it.") % told
        return _("%s. The till is closed.") % told
