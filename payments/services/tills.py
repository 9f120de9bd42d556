"""Cash drawers and the till sessions in which people answer for them.

Amounts are in the session's currency; counts are {denomination: pieces}. Refusals are RuleBroken. The lock
of a session comes after those of order and payment.
"""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from payments.models import CashDrawer, CashMovement, CashReason, TillSession, TillStatus
from payments.models.till import DENOMINATIONS, worth_of

# Why cash leaves a drawer, and why it comes, other than from and to customers.
OUT = (CashReason.BANKED, CashReason.OWNER, CashReason.EXPENSE)
IN = (CashReason.ADDED,)
OPEN_FIRST = gettext_lazy("Open your till first, under Cash drawers: cash is counted in and out there.")


@transaction.atomic
def save_drawer(drawer, *, by):
    """Save a new or changed drawer. Returns it. Raises RuleBroken when one in use is made inactive."""
    if not drawer.is_active and sessions_of(drawer=drawer).exists():
        raise RuleBroken(_("%s is open; close its till session first.") % drawer)
    drawer._history_user = by
    drawer.save()
    return drawer


def sessions_of(**where):
    """Return the open sessions."""
    return TillSession._base_manager.filter(status=TillStatus.OPEN, **where)


@transaction.atomic
def open_till(drawer, *, counts, by):
    """Open a session on a drawer with a counted float, for which `by` answers. Returns it."""
    drawer = lock(drawer)
    if not drawer.is_active:
        raise RuleBroken(_("%s is not in use.") % drawer)
    taken = sessions_of(drawer=drawer).select_related("opened_by").first()
    if taken:
        raise RuleBroken(
            _("%(drawer)s is open already, by %(person)s.") % {"drawer": drawer, "person": taken.opened_by}
        )
    own = own_till(drawer.business_id, by=by)
    if own:
        raise RuleBroken(_("You answer for %s already; close that till first.") % own.drawer)
    currency = drawer.business.currency
    counts = known_counts(counts, currency)
    session = TillSession(
        business_id=drawer.business_id,
        drawer=drawer,
        currency=currency,
        opened_at=timezone.now(),
        opened_by=by,
        float_counts=counts,
        opening_float=worth_of(counts),
    )
    session._history_user = by
    session.save()
    return session


def known_counts(counts, currency):
    """Return the counts without the empty ones; raises RuleBroken for money that is not in use."""
    strange = set(counts) - set(DENOMINATIONS[currency])
    if strange or any(pieces < 0 for pieces in counts.values()):
        raise RuleBroken(_("That is no count of %s.") % currency)
    return {worth: pieces for worth, pieces in counts.items() if pieces}


def own_till(business, *, by):
    """Return the session for which a person answers in a business, or None."""
    return sessions_of(business=business, opened_by=by).select_related("drawer").first()


def needs_till(business):
    """Whether cash is taken in till sessions only: the business keeps an active drawer."""
    return CashDrawer._base_manager.filter(business=business, is_active=True).exists()


def till_for(business, *, by):
    """Return the person's open session, locked; None for a machine, and where none is needed.

    Raises RuleBroken when one is needed and not open.
    """
    session = by and own_till(business, by=by)
    if session:
        session = lock(session)
        require_open(session)
        return session
    if by and needs_till(business):
        raise RuleBroken(OPEN_FIRST)
    return None


def require_open(session):
    """Raise RuleBroken when a session was counted."""
    if session.status != TillStatus.OPEN:
        raise RuleBroken(_("The till of %s was counted; open a new one.") % session)


def expected_cash(session):
    """Return what should lie in the drawer: the float, and what came and went since."""
    moved = CashMovement._base_manager.filter(session=session).values_list("amount", flat=True)
    return session.opening_float + sum(moved, Decimal(0))


def note_cash(session, *, amount, reason, by, **values):
    """Write that so much cash came into a session or, negative, went out of it. Returns the movement.

    Call with the session locked.
    """
    if amount < 0 and reason != CashReason.MISTAKE and expected_cash(session) + amount < 0:
        # Without a number: who counts the drawer later must not know what is expected.
        raise RuleBroken(_("So much should not be in the drawer."))
    movement = CashMovement(
        business_id=session.business_id, session=session, amount=amount, reason=reason, by=by, **values
    )
    movement.save()
    return movement


@transaction.atomic
def move_cash(session, *, amount, reason, by, note="", key=None):
    """Take cash out of a drawer, or put some in, for a reason of OUT or IN. Returns the movement.

    The same key again gives the first movement.
    """
    session = lock(session)
    before = CashMovement._base_manager.filter(session=session, key=key).first() if key else None
    if before:
        return before
    require_open(session)
    if amount <= 0 or reason not in (*OUT, *IN):
        raise RuleBroken(_("Say how much, and what for."))
    signed = amount if reason in IN else -amount
    return note_cash(session, amount=signed, reason=reason, by=by, note=note, key=key)


def note_taken(payment, session, *, handed, by):
    """Write the cash of a payment into the till session that took it; the change is not income."""
    if session:
        note_cash(
            session, amount=payment.amount, reason=CashReason.TAKEN, by=by, payment=payment, handed=handed
        )


def pay_out(payment, *, amount, by, note=""):
    """Write that cash was given back to a customer out of the person's till. Returns the movement or None.

    None where no session is needed. Raises RuleBroken when the drawer should not hold as much.
    """
    session = till_for(payment.business_id, by=by)
    if not session:
        return None
    return note_cash(session, amount=-amount, reason=CashReason.REFUND, by=by, payment=payment, note=note)


def note_mistake(payment, *, by, note):
    """Take cash that never came out of the session it was written into, unless that was counted since."""
    taken = CashMovement._base_manager.filter(payment=payment, reason=CashReason.TAKEN).first()
    if not taken:
        return
    session = lock(taken.session)
    if session.status == TillStatus.OPEN:
        note_cash(session, amount=-taken.amount, reason=CashReason.MISTAKE, by=by, payment=payment, note=note)
