"""Counting a drawer at the end of its till session, blind: who counts is not told what is expected.

Amounts are in the session's currency; counts are {denomination: pieces}. Refusals are RuleBroken.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import lock, move, record_change
from payments.models import TillSession, TillStatus
from payments.models.till import worth_of
from payments.services.tills import expected_cash, known_counts, require_open


def close_till(session, *, counts, by, reason=""):
    """Count a drawer and end its session. Returns it: closed, or waiting for a second person.

    Raises RuleBroken when the count differs and no reason is given, without a number: one that is known is
    found. The refused count stays with the session, so call this outside of a transaction.
    """
    session = count_till(session, counts=counts, by=by, reason=reason.strip())
    if session.status == TillStatus.OPEN:
        raise RuleBroken(_("The count differs from what should be there. Count again, or say why."))
    return session


@transaction.atomic
def count_till(session, *, counts, by, reason):
    """Note a count; the session ends by it unless it differs without a reason. Returns the session."""
    session = lock(session)
    require_open(session)
    counts = known_counts(counts, session.currency)
    expected, counted = expected_cash(session), worth_of(counts)
    difference = counted - expected
    if difference and not reason:
        refused = _("counted %s, which differs; no reason given") % format_money(counted, session.currency)
        return record_change(session, ["counts"], by=by, reason=refused, counts=counts)
    needs_second = abs(difference) > session.drawer.second_person_above
    return move(
        session,
        to=TillStatus.REVIEW if needs_second else TillStatus.CLOSED,
        by=by,
        reason=reason or _("counted"),
        closed_at=timezone.now(),
        closed_by=by,
        counts=counts,
        expected=expected,
        counted=counted,
        difference=difference,
        explanation=reason,
    )


def refused_counts():
    """Return the history rows of counts that differed and had no reason, with when, who and `counts`.

    An open session changes by nothing else; `id` is the session's.
    """
    rows = TillSession.history.filter(status=TillStatus.OPEN, history_type="~")
    return rows.select_related("history_user").order_by("history_date", "history_id")


def say_difference(difference, currency):
    """Return a difference in words: short, over or right."""
    if not difference:
        return _("Right to the cent")
    money = format_money(abs(difference), currency)
    return (_("%s short") if difference < 0 else _("%s over")) % money


@transaction.atomic
def accept_difference(session, *, by, reason=""):
    """Close a session whose difference is too large for one person. Returns it."""
    session = lock(session)
    if by is not None and by in (session.opened_by, session.closed_by):
        raise RuleBroken(_("Somebody has to accept the difference who neither kept the till nor counted it."))
    return move(
        session,
        to=TillStatus.CLOSED,
        via="accept",
        by=by,
        reason=reason or _("difference accepted"),
        approved_by=by,
    )


def preview_difference(session):
    """Say what is accepted."""
    told = say_difference(session.difference, session.currency)
    lines = [
        _("%(difference)s. Reason given: %(reason)s") % {"difference": told, "reason": session.explanation}
    ]
    earlier = refused_counts().filter(id=session.pk)
    money = ", ".join(format_money(worth_of(each.counts), session.currency) for each in earlier)
    if money:
        lines.append(_("Counted before, without a reason: %s") % money)
    return [*lines, _("The session is closed, and the difference stays with it for ever.")]
