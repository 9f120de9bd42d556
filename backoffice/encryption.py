"""Values that are sealed in the database: whoever has only the database, or a copy, cannot read them."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken


def seal():
    """Return what encrypts with the first of ENCRYPTION_KEYS and decrypts with any of them."""
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def unseal(token):
    """Return the bytes behind a sealed value. Raises RuleBroken when none of the keys sealed it."""
    try:
        return seal().decrypt(token)
    except InvalidToken as error:
        raise RuleBroken(
            _("A secret cannot be opened: ENCRYPTION_KEYS lacks the key it was sealed with.")
        ) from error


class EncryptedJSONField(models.TextField):
    """A JSON value, encrypted. It cannot be searched for; put a hash beside it where it must be found."""

    def get_prep_value(self, value):
        return None if value is None else seal().encrypt(json.dumps(value).encode()).decode()

    def from_db_value(self, value, expression, connection):
        return None if value is None else json.loads(unseal(value.encode()))


class EncryptedBytesField(models.BinaryField):
    """Bytes, encrypted; read back to the last bit as they were."""

    def get_prep_value(self, value):
        return None if value is None else seal().encrypt(bytes(value))

    def from_db_value(self, value, expression, connection):
        return None if value is None else unseal(bytes(value))
