"""What money taken by hand tells on the index page."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.dashboard import Shortcut, todo_card
from payments.models import ChequeStatus, TransferStatus
from payments.services.settlement import PAYABLE


def is_claimed(request, transfers):
    """Transfers that nobody has looked for on the statement yet."""
    return transfers.filter(status=TransferStatus.CLAIMED)


def is_due(request, cheques):
    """Cheques that the bank takes from today or earlier."""
    return cheques.filter(status=ChequeStatus.RECEIVED, due_on__lte=timezone.localdate())


def is_owed(request, cheques):
    """Bounced, and the order still waits for its money."""
    return cheques.filter(status=ChequeStatus.BOUNCED, order__status__in=PAYABLE, order__paid_at=None)


CLAIMED = Shortcut("payments.BankTransfer", "claimed", gettext_lazy("To be confirmed"), is_claimed, "amount")
DUE = Shortcut("payments.Cheque", "due", gettext_lazy("To be deposited"), is_due, "amount")
OWED = Shortcut("payments.Cheque", "owed", gettext_lazy("Bounced, money due again"), is_owed, "amount")
SHORTCUTS = [CLAIMED, DUE, OWED]


def transfers_to_confirm_count(request):
    """For the sidebar: how many transfers wait for the statement."""
    return CLAIMED.count(request)


def transfers_to_confirm(request):
    """Bank transfers that somebody has to find on the statement."""
    calm = _("No transfer waits for the statement.")
    return waiting_card(request, CLAIMED, title=_("Transfers to confirm"), icon="account_balance", calm=calm)


def cheques_to_deposit(request):
    """Cheques in the house that the bank would take."""
    calm = _("No cheque waits for the bank.")
    return waiting_card(request, DUE, title=_("Cheques to deposit"), icon="request_quote", calm=calm)


def bounced_cheques(request):
    """Orders whose cheque bounced and that nobody has paid since."""
    calm = _("No bounced cheque is owed.")
    return waiting_card(request, OWED, title=_("Bounced cheques"), icon="undo", calm=calm)


def waiting_card(request, shortcut, **words):
    """Return the card, or None while nothing waits: most businesses take no cheques at all."""
    if not shortcut.is_visible(request) or not shortcut.count(request):
        return None
    return todo_card(request, shortcut, **words)
