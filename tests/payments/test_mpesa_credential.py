import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from backoffice.errors import RuleBroken
from payments.gateways.mpesa import MpesaConfig
from payments.gateways.mpesa.security_credential import operator_login
from payments.simulator import SIMULATOR_CREDENTIALS


def make_certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Safaricom")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


def config(**values):
    values = {"security_credential": "", "initiator": "operator"} | values
    return MpesaConfig("https://api.safaricom.co.ke", **SIMULATOR_CREDENTIALS | values)


def test_a_ready_credential_is_used_as_it_is():
    assert operator_login(config(security_credential="ready")) == ("operator", "ready")


def test_a_password_is_encrypted_for_safaricom_alone(key):
    name, credential = operator_login(
        config(initiator_password="Safaricom999!", certificate=make_certificate(key))
    )
    assert name == "operator"
    assert key.decrypt(base64.b64decode(credential), PKCS1v15()) == b"Safaricom999!"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"initiator_password": "x"},
        {"certificate": "x"},
        {"initiator": "", "security_credential": "ready"},
    ],
)
def test_what_is_missing_is_said(values):
    with pytest.raises(RuleBroken, match="API operator"):
        operator_login(config(**values))


def test_a_certificate_that_cannot_be_used_is_said(key):
    elliptic = make_certificate(ec.generate_private_key(ec.SECP256R1()))
    for certificate in ("not a certificate", make_certificate(key)[:-60], elliptic):
        with pytest.raises(RuleBroken, match="certificate"):
            operator_login(config(initiator_password="x", certificate=certificate))


def test_a_password_too_long_for_the_key_is_said(key):
    with pytest.raises(RuleBroken, match="certificate"):
        operator_login(config(initiator_password="x" * 500, certificate=make_certificate(key)))


def test_secrets_are_not_shown():
    secrets = {name: f"my-{name}" for name in ("security_credential", "initiator_password", "certificate")}
    shown = repr(config(**secrets))
    assert not [secret for secret in secrets.values() if secret in shown]
