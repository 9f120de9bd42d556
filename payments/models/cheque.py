from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.money import CURRENCIES, format_money
from backoffice.transitions import Move


class ChequeStatus(models.TextChoices):
    RECEIVED = "received", _("Received")
    DEPOSITED = "deposited", _("Deposited")
    CLEARED = "cleared", _("Cleared")
    BOUNCED = "bounced", _("Bounced")


S = ChequeStatus


class Cheque(UUIDModel, BusinessOwned, TimeStamped):
    """A cheque handed over for an order. It is a payment once the bank has cleared it, and no longer when
    it bounces after that.

    A cheque that has not cleared holds nothing back: the order can be paid in any other way. `bank_fee` is
    what the bank took for the bounce, in the cheque's currency.
    """

    order = models.ForeignKey("sales.Order", models.PROTECT, related_name="cheques", verbose_name=_("order"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCIES)
    bank = models.CharField(_("bank"), max_length=60)
    number = models.CharField(_("cheque number"), max_length=30)
    drawn_by = models.CharField(_("drawn by"), max_length=200, blank=True)
    due_on = models.DateField(
        _("due on"), help_text=_("The date on the cheque; the bank takes it from that day.")
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=ChequeStatus, default=ChequeStatus.RECEIVED)
    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, null=True, related_name="cheque", verbose_name=_("payment")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("received by")
    )
    deposited_at = models.DateTimeField(_("deposited"), null=True)
    cleared_at = models.DateTimeField(_("cleared"), null=True)
    bounced_at = models.DateTimeField(_("bounced"), null=True)
    bank_fee = models.DecimalField(_("bank's fee"), max_digits=12, decimal_places=2, default=0)
    key = models.CharField(max_length=64, null=True, unique=True, editable=False)

    history = HistoricalRecords()

    SERVICES = "payments.services.cheques."
    MOVES = (
        Move(
            name="deposit",
            sources=(S.RECEIVED,),
            target=S.DEPOSITED,
            permission="payments.record_payment",
            service=SERVICES + "deposit_cheque",
            preview=SERVICES + "preview_deposit",
            label=_("Deposited at the bank"),
            icon="account_balance",
        ),
        Move(
            name="clear",
            sources=(S.DEPOSITED,),
            target=S.CLEARED,
            permission="payments.confirm_payment",
            service=SERVICES + "clear_cheque",
            preview=SERVICES + "preview_clear",
            label=_("Cleared"),
            icon="task_alt",
        ),
        Move(
            name="bounce",
            sources=(S.RECEIVED, S.DEPOSITED, S.CLEARED),
            target=S.BOUNCED,
            permission="payments.confirm_payment",
            service=SERVICES + "bounce_cheque",
            preview=SERVICES + "preview_bounce",
            form="payments.by_hand_dialogs.BounceDialog",
            label=_("Bounced"),
            icon="undo",
            harmful=True,
            one_by_one=(S.RECEIVED, S.DEPOSITED, S.CLEARED),
        ),
    )

    class Meta:
        verbose_name = _("cheque")
        verbose_name_plural = _("cheques")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["business", "status", "due_on"])]
        constraints = [
            models.UniqueConstraint(fields=["business", "bank", "number"], name="cheque_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="cheque_amount_positive"),
            models.CheckConstraint(condition=Q(bank_fee__gte=0), name="cheque_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=(S.RECEIVED, S.DEPOSITED), payment=None)
                | Q(status="cleared", payment__isnull=False)
                | Q(status="bounced"),
                name="cheque_pays_once_cleared",
            ),
        ]

    def __str__(self):
        return _("Cheque %(number)s of %(bank)s, %(amount)s") % {
            "number": self.number,
            "bank": self.bank,
            "amount": format_money(self.amount, self.currency),
        }
