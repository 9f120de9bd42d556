"""The buttons of one request for money."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.dialogs import RowDialog
from payments.gateways.gateway import State
from payments.models import AttemptStatus
from payments.models.attempt import UNDECIDED
from payments.services.dealt_with import deal_with_attempt, is_in_doubt
from payments.services.links import withdraw_link
from payments.services.looking import LEAST_PAUSE, look_after
from payments.services.receipts import claim_receipt

UNSETTLED = (*UNDECIDED, AttemptStatus.EXPIRED, AttemptStatus.FAILED, AttemptStatus.REVIEW)


def lacks_receipt(attempt):
    """Whether a prompt is paid and nobody has told by which receipt."""
    paid = attempt.is_prompt and attempt.status == AttemptStatus.SUCCEEDED
    return paid and not attempt.payment.transaction_id


class AttemptDialog(RowDialog):
    """A dialog about a request that is not settled; `statuses` are those in which it is offered."""

    permission = "payments.request_payment"
    statuses = UNSETTLED

    @classmethod
    def is_available(cls, row, user):
        return row.status in cls.statuses and super().is_available(row, user)


class LookNowDialog(AttemptDialog):
    """Asks the provider how the money stands, at once."""

    name = "look_now"
    label = gettext_lazy("Ask the provider now")
    icon = "troubleshoot"
    submit_text = gettext_lazy("Ask now")
    statuses = (*UNDECIDED, AttemptStatus.EXPIRED)

    @classmethod
    def is_available(cls, row, user):
        return bool(row.checkout_request_id) and super().is_available(row, user)

    def effects(self):
        who = self.row.get_provider_display()
        return [
            _("%s is asked whether the customer has paid. The customer notices nothing.") % who,
            _("Only a clear answer changes something."),
        ]

    def apply(self, *, by):
        standing = look_after(self.row.pk)
        if standing is None:
            return _("Asked less than %d seconds ago; it is asked again by itself.") % LEAST_PAUSE.seconds
        if standing.state == State.PAID:
            return _("%s says that it is paid.") % self.row.get_provider_display()
        return standing.text or _("Not paid yet.")


class EnterReceiptDialog(AttemptDialog):
    """Keeps the receipt that the customer shows."""

    name = "enter_receipt"
    label = gettext_lazy("Enter the customer's receipt")
    icon = "receipt_long"
    submit_text = gettext_lazy("Keep it")

    receipt = forms.CharField(
        label=gettext_lazy("Receipt in the M-Pesa message"), max_length=30, widget=UnfoldAdminTextInputWidget
    )

    @classmethod
    def is_available(cls, row, user):
        if lacks_receipt(row):
            return user.has_perm(cls.permission, row)
        return row.is_prompt and super().is_available(row, user)

    def effects(self):
        if lacks_receipt(self.row):
            return [
                _("It is kept beside the request, as not verified."),
                _("The line of the statement with this receipt is then known as this payment."),
            ]
        asked = _("It is kept beside the request, as not verified, and Safaricom is asked.")
        kept = _("It is kept beside the request, as not verified. Safaricom cannot be asked about this one.")
        return [
            asked if self.row.checkout_request_id else kept,
            _("The order becomes paid when Safaricom tells of the money, not before."),
        ]

    def apply(self, *, by):
        attempt = claim_receipt(self.row, receipt=self.cleaned_data["receipt"], by=by)
        return _("Receipt %s is kept; nobody has verified it yet.") % attempt.claimed_receipt


class WithdrawLinkDialog(AttemptDialog):
    """Waits for a link no longer."""

    name = "withdraw_link"
    label = gettext_lazy("Withdraw the link")
    icon = "link_off"
    harmful = True
    statuses = UNDECIDED

    @classmethod
    def is_available(cls, row, user):
        return not row.is_prompt and super().is_available(row, user)

    def effects(self):
        return [
            _("The customer can be asked in another way."),
            _("Tell the customer not to use the link. Money that comes by it after all is not lost."),
        ]

    def apply(self, *, by):
        withdraw_link(self.row, by=by)
        return _("The link was withdrawn.")


class DealWithAttemptDialog(AttemptDialog):
    """Ends a request of which no machine can say how it ended."""

    name = "deal_with"
    label = gettext_lazy("Dealt with")
    icon = "task_alt"
    permission = "payments.confirm_payment"

    note = forms.CharField(
        label=gettext_lazy("What you found, and where"), max_length=100, widget=UnfoldAdminTextInputWidget
    )

    @classmethod
    def is_available(cls, row, user):
        return is_in_doubt(row) and super().is_available(row, user)

    def effects(self):
        return [
            _("Look at the provider's own pages first. The request ends as not paid, with your words."),
            _("Money that is told of later is taken all the same."),
        ]

    def apply(self, *, by):
        deal_with_attempt(self.row, note=self.cleaned_data["note"], by=by)
        return _("The request is dealt with.")
