"""The buttons that settle what only a statement, or only the books have."""

from django import forms
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.dialogs import RowDialog
from backoffice.errors import RuleBroken
from backoffice.money import format_money
from payments.models import Cheque
from payments.models.payment import RECEIVED
from payments.services.fitting import claim_on, noted_that_fits, payments_that_fit
from payments.services.reconciliation import BANK, MPESA
from payments.services.statements import book_line, explain_payment, park_line, payment_of

NEW = "new"


class SettleDialog(RowDialog):
    """A window of one who may settle differences."""

    permission = "payments.reconcile_statement"

    @classmethod
    def permits(cls, finding, user, row):
        """Whether the page of differences offers it, which knows more of the row than a query would ask."""
        return user.has_perm(cls.permission, row)


class BookLineDialog(SettleDialog):
    """Makes a payment of a line, or says which payment it is."""

    name = "book_line"
    label = gettext_lazy("Book it")
    icon = "library_add"

    payment = forms.ChoiceField(label=gettext_lazy("This money is"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.fitting = {str(each.pk): each for each in payments_that_fit(row)[:50]}
        self.noted = {}
        if self.request.user.has_perm("payments.confirm_payment", row):
            self.noted = {str(each.pk): each for each in noted_that_fits(row)[:50]}
        field = self.fields["payment"]
        field.choices = [
            *((key, self.describe_noted(each)) for key, each in self.noted.items()),
            *((key, self.describe(each)) for key, each in self.fitting.items()),
            (NEW, _("New money, to be matched")),
        ]
        fitting = [*self.noted, *self.fitting]
        if len(fitting) == 1:
            field.initial = fitting[0]
        elif fitting:
            field.choices = [("", "–"), *field.choices]
        else:
            del self.fields["payment"]

    @staticmethod
    def describe(payment):
        when = localize(localtime(payment.paid_at or payment.created_at))
        return f"{payment} · {when} · {payment.order or _('no order')}"

    @staticmethod
    def describe_noted(noted):
        if isinstance(noted, Cheque):
            return f"{noted} · {localize(localtime(noted.deposited_at))} · {noted.order}"
        told = {"transfer": noted, "account": noted.bank_account}
        told = _("%(transfer)s, noted for %(account)s") % told
        return f"{told} · {localize(noted.value_date)} · {noted.order}"

    @classmethod
    def permits(cls, finding, user, row):
        return finding.payment is None and row.is_compared and super().permits(finding, user, row)

    @classmethod
    def is_available(cls, row, user):
        if row.payment_id or not row.is_compared or not super().is_available(row, user):
            return False
        return payment_of(row) is None

    def effects(self):
        amount = format_money(self.row.paid_in, self.row.business.currency)
        claim = claim_on(self.row)
        if claim:
            return [
                _("%(order)s is paid with the receipt that its customer showed.") % {"order": claim.order}
            ]
        lines = []
        if self.noted:
            lines.append(_("A transfer or cheque that staff noted is confirmed, and pays its order."))
        if self.fitting:
            text = _("A payment of the books gets this line's receipt and time; no second one is made.")
            lines.append(text)
        new = _("A payment of %s with this receipt and time is made, and waits to be matched.") % amount
        return lines or [new]

    def apply(self, *, by):
        chosen = self.cleaned_data.get("payment", NEW)
        it_is = {"payment": self.fitting.get(chosen), "noted": self.noted.get(chosen)}
        payment = book_line(self.row, by=by, **it_is)
        return _("%s is booked.") % payment


class NoteDialog(SettleDialog):
    """Asks for a sentence."""

    note = forms.CharField(label=gettext_lazy("Why"), max_length=255, widget=UnfoldAdminTextInputWidget)


class ParkLineDialog(NoteDialog):
    """Puts a line aside that is no customer's payment."""

    name = "park_line"
    label = gettext_lazy("Put aside")
    icon = "inventory_2"

    @classmethod
    def permits(cls, finding, user, row):
        return row.parked_at is None and super().permits(finding, user, row)

    @classmethod
    def is_available(cls, row, user):
        is_open = row.payment_id is None and row.parked_at is None
        return is_open and (row.is_compared or row.is_reversal) and super().is_available(row, user)

    def effects(self):
        if self.row.is_reversal:
            return [_("The line is explained by your words.")]
        return [_("The line is explained by your words. It can still be booked later.")]

    def apply(self, *, by):
        park_line(self.row, note=self.cleaned_data["note"], by=by)
        return _("%s is put aside.") % self.row


class ExplainPaymentDialog(NoteDialog):
    """Says why a payment stands in no statement, or with another amount."""

    name = "explain_payment"
    label = gettext_lazy("Explain")
    rare = True
    icon = "edit_note"

    @classmethod
    def is_available(cls, row, user):
        if row.status not in RECEIVED or row.method not in (*MPESA, *BANK):
            return False
        return super().is_available(row, user) and not hasattr(row, "explanation")

    def effects(self):
        return [_("The payment stays as it is, and is no longer listed as a difference that waits.")]

    def apply(self, *, by):
        if self.row.status not in RECEIVED:
            raise RuleBroken(_("%s did not come.") % self.row)
        explain_payment(self.row, text=self.cleaned_data["note"], by=by)
        return _("%s is explained.") % self.row
