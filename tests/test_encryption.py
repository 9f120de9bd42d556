"""What is sealed cannot be read from the database, and is read back as it was."""

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from backoffice.encryption import EncryptedBytesField, EncryptedJSONField
from backoffice.errors import RuleBroken
from backoffice.scoping import every_business
from payments.models import WebhookEvent
from tests.builders import make_business
from tests.payments.money import ask, body_for, deliver, make_bill

BYTES, VALUE = EncryptedBytesField(), EncryptedJSONField()


@given(st.binary(max_size=200))
def test_bytes_come_back_to_the_last_bit(body):
    assert BYTES.from_db_value(BYTES.get_prep_value(body), None, connection) == body


@pytest.mark.parametrize("field", [BYTES, VALUE])
def test_nothing_stays_nothing(field):
    assert field.from_db_value(field.get_prep_value(None), None, connection) is None


def test_an_older_key_still_opens_and_a_lost_one_is_named(settings):
    sealed = VALUE.get_prep_value({"passkey": "secret"})
    old, new = settings.ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    settings.ENCRYPTION_KEYS = [*new, *old]
    assert VALUE.from_db_value(sealed, None, connection) == {"passkey": "secret"}
    settings.ENCRYPTION_KEYS = new
    with pytest.raises(RuleBroken, match="ENCRYPTION_KEYS"):
        VALUE.from_db_value(sealed, None, connection)


@pytest.mark.django_db
def test_the_database_does_not_tell_who_paid():
    with every_business():
        attempt = ask(make_bill(make_business()))
        event = deliver(attempt, body_for(attempt))
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM payments_webhookevent")
        (kept,) = cursor.fetchone()
    assert attempt.phone.encode() not in bytes(kept)
    assert WebhookEvent._base_manager.get(pk=event.pk).body == body_for(attempt)
