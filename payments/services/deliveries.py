"""Taking deliveries in: to whom an address belongs, and one row for each delivery.

It costs two statements to acknowledge a delivery: one finds whose address it came to, the other stores it and
commits. A process remembers the addresses of prompts that it saw, so that the same delivery again costs one.
"""

import hashlib
import re
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from payments.models import Channel, PaymentAttempt, Provider, ProviderAccount, Refund, WebhookEvent
from payments.services.senders import is_safaricom
from payments.services.tokens import hash_token

TOKEN = re.compile("[0-9a-f]{32}")
ADDRESSES_KEPT = 4096
# Who took a delivery in decides it at once; after so long somebody else does.
TAKERS_TURN = timedelta(seconds=5)


class Addressee(NamedTuple):
    """To what the address of a delivery belongs: an attempt, a refund, a delivery, or else an account."""

    business_id: UUID
    provider: str
    account_id: UUID | None = None
    attempt_id: UUID | None = None
    refund_id: UUID | None = None
    about_id: int | None = None


def find_attempt(token):
    """Return the addressee that the token of a prompt stands for, or None.

    Only its hash is looked for, so that the time this takes tells nothing about the tokens there are.
    """
    if not TOKEN.fullmatch(token):
        return None
    try:
        return attempt_behind(hash_token(token))
    except PaymentAttempt.DoesNotExist:
        return None


@lru_cache(ADDRESSES_KEPT)
def attempt_behind(token_hash):
    """Return the addressee; raises DoesNotExist, which is not remembered. Neither part ever changes."""
    attempts = PaymentAttempt._base_manager.filter(token_hash=token_hash)
    business, provider, account, attempt = attempts.values_list(
        "business_id", "provider", "account_id", "pk"
    ).get()
    return Addressee(business, provider, account, attempt_id=attempt)


def addressee_of(attempt):
    return Addressee(attempt.business_id, attempt.provider, attempt.account_id, attempt_id=attempt.pk)


def find_account(token, provider):
    """Return the account of a provider that delivers to this token, or None."""
    if not TOKEN.fullmatch(token):
        return None
    accounts = ProviderAccount._base_manager.filter(hook_hash=hash_token(token), provider=provider)
    return accounts.first()


def owner_of(account):
    """Return the addressee of what comes to an account's own address."""
    return Addressee(account.business_id, account.provider, account.pk)


def asker_of(asked):
    """Return the addressee of what Safaricom tells of a refund, or of money at the till that is claimed."""
    about = {"refund_id": asked.pk} if isinstance(asked, Refund) else {"about_id": asked.pk}
    return Addressee(asked.business_id, Provider.MPESA, **about)


def store_delivery(addressee, *, channel, body, event_id="", content_type="", source_ip=None, **verdict):
    """Store a delivery as it came, and commit it, by one statement. Returns None when it is there already.

    `event_id` is the provider's own id of it; without one its bytes tell it from others. `verdict` are the
    columns of a delivery that needs no deciding; any other is due soon, should this process be busy or die.
    """
    event = WebhookEvent(
        business_id=addressee.business_id,
        account_id=addressee.account_id,
        attempt_id=addressee.attempt_id,
        refund_id=addressee.refund_id,
        about_id=addressee.about_id,
        provider=addressee.provider,
        channel=channel,
        dedupe_key=dedupe_key(addressee, channel, event_id.encode() or body),
        body=body,
        content_type=content_type[:100],
        source_ip=source_ip,
        is_from_elsewhere=addressee.provider == Provider.MPESA and not is_safaricom(source_ip),
        received_at=timezone.now(),
        **verdict,
    )
    if not verdict:
        event.next_try_at = event.received_at + TAKERS_TURN
    return insert_once(event)


def dedupe_key(addressee, channel, told):
    """Return what is the same for the same delivery. Questions and payments of a till look the same."""
    about = addressee.attempt_id or addressee.refund_id or addressee.about_id or addressee.account_id
    return hashlib.sha256(f"{addressee.provider}:{channel}:{about}:".encode() + told).hexdigest()


def insert_once(event):
    """Insert the row unless its dedupe_key is there. Returns it with its key, or None."""
    fields = [field for field in event._meta.concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(field.pre_save(event, add=True), connection) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{event._meta.db_table}" ({columns}) VALUES ({marks}) '
            "ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
            values,
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    event.pk, event._state.adding, event._state.db = rows[0][0], False, connection.alias
    return event


def store_callback(attempt, *, body, content_type="", source_ip=None):
    """Store what came to the address of an attempt. Returns the event; a repeated one is the same row."""
    addressee = addressee_of(attempt)
    event = store_delivery(
        addressee, channel=Channel.STK, body=body, content_type=content_type, source_ip=source_ip
    )
    return event or WebhookEvent._base_manager.get(dedupe_key=dedupe_key(addressee, Channel.STK, body))
