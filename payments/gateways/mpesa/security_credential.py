"""The password of our API operator, in the form in which Daraja takes it."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from payments.gateways.mpesa.config import MpesaConfig


def operator_login(config: MpesaConfig) -> tuple[str, str]:
    """Return the operator's name and its credential; raise RuleBroken when they are not set up."""
    credential = config.security_credential
    if not credential and config.initiator_password and config.certificate:
        credential = encrypt_password(config.initiator_password, config.certificate)
    if not config.initiator or not credential:
        raise RuleBroken(
            _(
                "M-Pesa cannot give money back or look up receipts yet: the settings lack the name of an API "
                "operator and its security credential, or its password and Safaricom's certificate."
            )
        )
    return config.initiator, credential


def encrypt_password(password: str, certificate: str) -> str:
    """Return a password encrypted for the holder of a certificate (PEM), in base64; raise RuleBroken."""
    try:
        key = load_pem_x509_certificate(certificate.encode()).public_key()
        if isinstance(key, RSAPublicKey):
            return b64encode(key.encrypt(password.encode(), PKCS1v15())).decode()
    except ValueError:
        pass
    raise RuleBroken(_("Safaricom's certificate in the M-Pesa settings cannot be used."))
