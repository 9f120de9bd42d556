"""The buttons about refunds, on the pages of orders, payments and refunds."""

from decimal import Decimal

from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.dialogs import RowDialog
from backoffice.errors import RuleBroken
from backoffice.money import format_money
from payments.by_hand_dialogs import OnceDialog
from payments.models import Allocation, Payment, PaymentStatus, Provider, RefundStatus
from payments.models.refund import RUNNING
from payments.refund_words import describe_way, status_word, waits_for
from payments.services.refund_money import is_owed, is_released
from payments.services.refund_ways import REPEATABLE, is_whole, paid_attempt, provider_of
from payments.services.refunds import (
    approve_refund,
    asked_before,
    hand_out_refund,
    look_again,
    may_be_resolved,
    needs_second_person,
    reject_refund,
    request_refund,
    resolve_refund,
)
from payments.words import local_phone
from sales.models import Order


def reason_field(label):
    return forms.CharField(label=label, max_length=255, widget=UnfoldAdminTextInputWidget)


def sources_of(row):
    """Return where money of an order or a payment may be given back from: uses for orders, and free money."""
    is_order = isinstance(row, Order)
    payments = Payment._base_manager.filter(status=PaymentStatus.SUCCESSFUL, free__gt=0)
    payments = payments.filter(order=row) if is_order else payments.filter(pk=row.pk)
    uses = Allocation._base_manager.filter(
        amount__gt=F("refunded"), **({"order": row} if is_order else {"payment": row})
    ).select_related("payment", "order")
    if not is_order and row.status != PaymentStatus.SUCCESSFUL:
        return []
    return [*uses, *payments]


def has_source(row):
    """Whether there is anything to give back; one query, because pages ask again and again."""
    received = Payment._base_manager.filter(status=PaymentStatus.SUCCESSFUL)
    left = Q(allocations__amount__gt=F("allocations__refunded"))
    if isinstance(row, Order):
        return received.filter(Q(order=row, free__gt=0) | (left & Q(allocations__order=row))).exists()
    return received.filter(Q(free__gt=0) | left, pk=row.pk).exists()


def amount_of(source):
    return source.kept if isinstance(source, Allocation) else source.free


def payment_of(source):
    return source.payment if isinstance(source, Allocation) else source


class RefundDialog(OnceDialog):
    """Asks for money to be given back. Where it may come out of several, the person chooses.

    What was chosen is sent along also where there is one, so that a form that comes late gives back no other
    money than its window showed.
    """

    label = gettext_lazy("Refund")
    icon = "undo"
    permission = "payments.request_refund"
    submit_text = gettext_lazy("Ask for the refund")

    # No ChoiceField: a form that is sent again is answered also when what it chose is gone by then.
    source = forms.CharField(label=gettext_lazy("Out of"), widget=UnfoldAdminSelectWidget)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone, for a part of an M-Pesa payment"),
        max_length=30,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    reason = reason_field(gettext_lazy("Reason"))
    field_order = ["source", "amount", "phone", "reason", "key"]

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.sources = {str(each.pk): each for each in sources_of(row)}
        source = self.fields["source"]
        source.widget.choices = [(key, self.describe(each)) for key, each in self.sources.items()]
        for key, first in list(self.sources.items())[:1]:
            source.initial = key
            self.fields["amount"].initial = amount_of(first)
            self.fields["phone"].initial = phone_of(payment_of(first))
        if len(self.sources) < 2:
            # Nobody sees what is wrong with a hidden field; ask() says it.
            source.widget, source.required = forms.HiddenInput(), False
        if not any(provider_of(payment_of(each)) == Provider.MPESA for each in self.sources.values()):
            del self.fields["phone"]

    @classmethod
    def is_available(cls, row, user):
        return super().is_available(row, user) and has_source(row)

    @staticmethod
    def describe(source):
        payment = payment_of(source)
        left = format_money(amount_of(source), payment.currency)
        what = source.order.number if isinstance(source, Allocation) else _("free money")
        return " · ".join(filter(None, [left, str(payment), payment.transaction_id, what]))

    def effects(self):
        lines = []
        for source in list(self.sources.values())[:1] if len(self.sources) == 1 else ():
            payment, amount = payment_of(source), amount_of(source)
            lines = [describe_way(payment, amount)]
            if provider_of(payment) == Provider.MPESA and is_whole(payment, amount):
                lines.append(_("A smaller amount is paid out to a phone instead, in whole shillings."))
        if not self.sources:
            return [_("There is nothing to give back.")]
        return [
            *lines,
            *self.due_again(),
            _("The money is set aside at once, and leaves when somebody who may has approved it."),
            _("Goods stay where they are; cancel the order to take them back."),
        ]

    def due_again(self):
        """Return a sentence for each order that waits for this money again."""
        uses = [each for each in self.sources.values() if isinstance(each, Allocation)]
        told = _("%s is not paid in full; what is given back of it is due again.")
        return dict.fromkeys(told % used.order for used in uses if is_owed(used))

    def apply(self, *, by):
        refund = asked_before(self.cleaned_data["key"], self.row.business_id) or self.ask(by=by)
        told = {"refund": refund, "status": status_word(refund).lower()}
        return _("%(refund)s: %(status)s.") % told

    def ask(self, *, by):
        data = self.cleaned_data
        source = self.sources.get(data["source"])
        if source is None:
            raise RuleBroken(
                _("What you chose is not there to give back any more. Close this window and open it again.")
                if self.sources
                else _("There is nothing to give back.")
            )
        return request_refund(
            payment_of(source),
            allocation=source if isinstance(source, Allocation) else None,
            amount=data["amount"],
            reason=data["reason"],
            phone=data.get("phone", ""),
            key=data["key"],
            by=by,
        )


def phone_of(payment):
    """Return to which phone a part would go, as staff write it."""
    attempt = paid_attempt(payment)
    return local_phone(payment.payer_phone or (attempt.phone if attempt else ""))


class RefundPaymentDialog(RefundDialog):
    name = "refund_payment"


class RefundOrderDialog(RefundDialog):
    name = "refund_order"
    in_panel = True


class ApproveRefundDialog(RowDialog):
    """Lets the money go."""

    name = "approve_refund"
    label = gettext_lazy("Approve")
    usual = True
    icon = "check"
    permission = "payments.approve_refund"
    submit_text = gettext_lazy("Approve the refund")

    @classmethod
    def is_available(cls, row, user):
        own = row.requested_by_id == user.pk and needs_second_person(row)
        return row.status == RefundStatus.REQUESTED and not own and super().is_available(row, user)

    def effects(self):
        return [
            _("Reason: %s") % self.row.reason,
            describe_way(self.row.payment, self.row.amount, self.row.phone),
        ]

    def apply(self, *, by):
        refund = approve_refund(self.row, by=by)
        return _("%(refund)s is approved. %(next)s") % {"refund": refund, "next": waits_for(refund)}


class RejectRefundDialog(RowDialog):
    """Refuses a refund, also one that was approved and that nobody has handed out."""

    name = "reject_refund"
    label = gettext_lazy("Reject")
    icon = "block"
    permission = "payments.approve_refund"
    submit_text = gettext_lazy("Reject the refund")
    harmful = True
    reason = reason_field(gettext_lazy("Reason"))

    @classmethod
    def is_available(cls, row, user):
        is_open = row.status == RefundStatus.REQUESTED or is_to_hand_out(row)
        return is_open and super().is_available(row, user)

    def effects(self):
        used = self.row.allocation
        if used and not is_released(used):
            return [_("The money stays with %s.") % used.order]
        return [_("The money is free: for another order, as credit, or to be given back after all.")]

    def apply(self, *, by):
        return _("%s is rejected.") % reject_refund(self.row, by=by, **self.cleaned_data)


class HandOutRefundDialog(RowDialog):
    """Says that the customer has the money in hand."""

    name = "hand_out_refund"
    label = gettext_lazy("Given back in cash")
    usual = True
    icon = "payments"
    permission = "payments.record_payment"
    submit_text = gettext_lazy("The customer has it")
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=255, required=False, widget=UnfoldAdminTextInputWidget
    )

    @classmethod
    def is_available(cls, row, user):
        return is_to_hand_out(row) and super().is_available(row, user)

    def effects(self):
        amount = format_money(self.row.amount, self.row.payment.currency)
        return [_("You say that you gave %s to the customer.") % amount]

    def apply(self, *, by):
        return _("%s is done.") % hand_out_refund(self.row, by=by, **self.cleaned_data)


class LookAgainDialog(RowDialog):
    """Asks the provider again, in the way that is safe there."""

    name = "look_again"
    label = gettext_lazy("Ask again")
    icon = "travel_explore"
    permission = "payments.approve_refund"
    submit_text = gettext_lazy("Ask")

    @classmethod
    def is_available(cls, row, user):
        return is_running(row) and super().is_available(row, user)

    def effects(self):
        if provider_of(self.row.payment) in REPEATABLE:
            return [_("The same request is sent once more; the provider carries it out only once.")]
        return [
            _("Safaricom is asked what became of it; the answer comes here by itself."),
            _("The money is not sent a second time."),
        ]

    def apply(self, *, by):
        look_again(self.row, by=by)
        return _("Asked. The answer shows here in a minute or two.")


class ResolveRefundDialog(RowDialog):
    """Says how a refund in doubt ended, or that a failed one left; the provider's own pages tell."""

    name = "resolve_refund"
    label = gettext_lazy("Say how it ended")
    icon = "rule"
    permission = "payments.approve_refund"
    submit_text = gettext_lazy("Record")
    went = forms.TypedChoiceField(
        label=gettext_lazy("The customer has the money"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No, it did not leave"))],
        coerce=lambda said: said == "yes",
        widget=UnfoldAdminRadioSelectWidget,
    )
    receipt = forms.CharField(
        label=gettext_lazy("Receipt"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget
    )
    reason = reason_field(gettext_lazy("Where you saw it"))

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.has_failed = row.status == RefundStatus.FAILED
        if self.has_failed:
            self.fields["went"].choices = self.fields["went"].choices[:1]
            self.fields["went"].initial = "yes"

    @classmethod
    def is_available(cls, row, user):
        return may_be_resolved(row) and super().is_available(row, user)

    def effects(self):
        failed = [_("It counts as failed; only say something when the money left after all.")]
        return [
            *(failed if self.has_failed else []),
            _("Look at the provider's own pages first: nothing here can call money back."),
            _("Should the provider tell something else later, its word wins."),
        ]

    def apply(self, *, by):
        refund = resolve_refund(self.row, by=by, **self.cleaned_data)
        return f"{refund}: {status_word(refund).lower()}."


def is_to_hand_out(refund):
    return refund.status == RefundStatus.APPROVED and provider_of(refund.payment) is None


def is_running(refund):
    return refund.status in RUNNING and provider_of(refund.payment) is not None
