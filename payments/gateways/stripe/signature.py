"""The signature on Stripe's deliveries: HMAC-SHA256 over the time and the raw bytes."""

import hashlib
import hmac
import re
from datetime import datetime

from payments.gateways.gateway import Forged

TOLERANCE_SECONDS = 300
LONGEST_HEADER = 2000


def check_signature(body: bytes, header: str, secrets: tuple[str, ...], *, now: datetime) -> None:
    """Let a body pass that was signed with one of the secrets less than five minutes ago; raises Forged.

    While a secret is being replaced there are several signatures; any right one counts. Schemes other than
    v1 are ignored. A time in the future is refused as well as one long past.
    """
    parts = [part.strip().partition("=") for part in header[:LONGEST_HEADER].split(",")]
    stamps = [value for name, _equals, value in parts if name == "t"]
    given = [value for name, _equals, value in parts if name == "v1" and re.fullmatch("[0-9a-f]{64}", value)]
    if len(stamps) != 1 or not re.fullmatch("[0-9]{1,12}", stamps[0]):
        raise Forged("no time in the signature header" if header else "no signature header")
    if not given:
        raise Forged("no v1 signature in the header")
    signed = stamps[0].encode() + b"." + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    if True not in [hmac.compare_digest(one, other) for one in expected for other in given]:
        raise Forged("the signature is not right")
    # Afterwards, so that this reason means a replay or a wrong clock, and nothing else.
    if abs(now.timestamp() - int(stamps[0])) > TOLERANCE_SECONDS:
        raise Forged("signed more than five minutes ago or ahead: a replay, or this machine's clock is wrong")
