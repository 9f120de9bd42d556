"""Asking Safaricom about money at the till before it is believed; its answer comes later, as a delivery.

The state is in the delivery that claims the money: `next_look_at` is when Safaricom is asked (again). What it
does not tell changes nothing, and after two days a person has to look.
"""

from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.scoping import business_scope
from backoffice.transitions import lock
from payments.gateways.gateway import AskRefused, AskUnknown
from payments.gateways.mpesa import answers, confirms
from payments.models import EventOutcome, WebhookEvent
from payments.services.accounts import mpesa_gateway
from payments.services.cases import REPLAYABLE, Decision, applied, close_event, ignored
from payments.services.looking import GIVE_UP_AFTER, LEAST_PAUSE, pause_after
from payments.services.notices import read_notice
from payments.services.result_tokens import result_addresses
from payments.services.same_money import said_about
from payments.tasks import ask_about_till_money


def wait_for_word(event, notice):
    """Let money at the till wait until Safaricom confirms it. Returns the Decision. Call with it locked."""
    told = {"money": money_of(notice)}
    why = _("%(money)s: Safaricom is being asked whether it came.") % told
    return Decision(EventOutcome.WAITING, why, None, next_look(event))


def next_look(event):
    """Return the columns that say when Safaricom is asked: as it stands there, or as soon as may be."""
    if event.next_look_at:
        return {"next_look_at": event.next_look_at}
    transaction.on_commit(partial(ask_about_till_money.enqueue, event.pk))
    now = timezone.now()
    return {"next_look_at": max(now, event.looked_at + LEAST_PAUSE) if event.looked_at else now, "looks": 0}


def due_claims():
    """Return the deliveries about which Safaricom is to be asked now, the longest waiting first."""
    due = WebhookEvent._base_manager.filter(next_look_at__lte=timezone.now(), outcome=EventOutcome.WAITING)
    return due.order_by("next_look_at", "pk")


def ask_about(event_id):
    """Ask Safaricom about the money that a delivery claims, when it is its moment.

    It is applied first: by now it may be booked by another road, or be within what the owner trusts.
    """
    from payments.services.events import process_event

    event = claim_look(event_id)
    if event is None:
        return
    event = process_event(event)
    if event.outcome != EventOutcome.WAITING:
        return
    with business_scope(event.business_id):
        if event.looks > 1 and timezone.now() > event.received_at + GIVE_UP_AFTER:
            give_up(event)
        else:
            ask_safaricom(event)


@transaction.atomic
def claim_look(event_id):
    """Return the delivery when it is to be asked about now, with its next look moved ahead; else None."""
    event = due_claims().select_for_update(skip_locked=True, no_key=True).filter(pk=event_id).first()
    if event:
        now = timezone.now()
        values = {"next_look_at": now + pause_after(event.looks), "looked_at": now}
        WebhookEvent._base_manager.filter(pk=event.pk).update(**values, looks=F("looks") + 1)
    return event


def ask_safaricom(event):
    """Put the question; where that cannot be done now, the delivery says why, and it is put again later."""
    notice = read_notice(event)
    try:
        gateway = mpesa_gateway(event.account)
        gateway.transaction_status(notice.receipt, **result_addresses(event))
    except AskUnknown:  # a question harms nobody, whether it arrived or not
        note_silence(event, notice, _("Safaricom did not answer clearly. It is asked again by itself."))
    except (AskRefused, RuleBroken) as problem:
        note_silence(event, notice, getattr(problem, "text", problem))


def note_silence(event, notice, why):
    """Say on a delivery why its money is not confirmed yet; it goes on waiting."""
    reason = _("%(money)s is not confirmed yet. %(why)s") % {"money": money_of(notice), "why": why}
    waiting = WebhookEvent._base_manager.filter(pk=event.pk, outcome=EventOutcome.WAITING)
    waiting.update(reason=reason[:255])


@transaction.atomic
def give_up(event):
    """Leave money to a person of which Safaricom could not say for two days whether it came."""
    event = lock(event)
    if event.outcome == EventOutcome.WAITING:
        why = _("%(money)s: Safaricom did not say for two days whether it came. See its own statement.")
        close_event(event, EventOutcome.REVIEW, why % {"money": money_of(read_notice(event))})


def decide_answer(case):
    """Decide on what Safaricom says about money at the till: only exactly this money is confirmed.

    Confirmed, it is applied like any delivery that is due. A clear answer that says otherwise puts it before
    a person; a confirmation may still follow. What is no answer changes nothing.
    """
    from payments.services.events import process_event

    claim = lock(case.event.about)
    case.hold()
    notice, claimed, now = case.notice, read_notice(claim), timezone.now()
    money = {"receipt": claimed.receipt, "amount": claimed.amount}
    is_confirmed = confirms(notice, accounts=claim.account.numbers, **money)
    # What a person dealt with counts all the same, should it be confirmed after that.
    undecided = (*REPLAYABLE, EventOutcome.IGNORED) if is_confirmed else REPLAYABLE
    if claim.confirmed_at or claim.outcome not in undecided:
        return ignored(_("That was decided before."))
    if is_confirmed:
        due = {"confirmed_at": now, "next_try_at": now}
        claim = close_event(claim, EventOutcome.WAITING, _("Confirmed by Safaricom."), **due)
        transaction.on_commit(partial(process_event, claim))
        return applied(_("Safaricom confirms %s.") % money_of(claimed))
    told = ", ".join(filter(None, [notice.receipt, amount_of(notice), notice.account, said_about(notice)]))
    if not answers(notice):
        note_silence(claim, claimed, told)
        return ignored(told)
    denied = _("Safaricom does not confirm %(money)s. It says: %(told)s")
    denied = denied % {"money": money_of(claimed), "told": told}
    close_event(claim, EventOutcome.REVIEW, denied)
    return applied(denied)


def money_of(notice):
    """Say which money a delivery tells of."""
    return _("%(amount)s, receipt %(receipt)s") % {"amount": amount_of(notice), "receipt": notice.receipt}


def amount_of(notice):
    return format_money(notice.amount, notice.currency) if notice.amount else ""
