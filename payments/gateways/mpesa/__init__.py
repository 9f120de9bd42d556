"""M-Pesa by Safaricom's Daraja. The parts that callers need are all importable from here.

Protocol facts are from Safaricom's developer portal and from integrators' published traces.
"""

from payments.gateways.gateway import Unreadable
from payments.gateways.mpesa.c2b import (
    ACCEPTED,
    CONFIRMED,
    Reason,
    read_confirmation,
    read_validation,
    reject,
)
from payments.gateways.mpesa.client import MpesaClient
from payments.gateways.mpesa.gateway import MpesaGateway
from payments.gateways.mpesa.messages import (
    MpesaConfig,
    PushAccepted,
    PushRefused,
    PushRequest,
    PushUnknown,
    round_up_shillings,
)
from payments.gateways.mpesa.phone_numbers import mask_phone, normalise_phone
from payments.gateways.mpesa.result_codes import explain_code, is_final_failure
from payments.gateways.mpesa.results import answers, confirms, read_queue_timeout, read_result
from payments.gateways.mpesa.stk_callback import StkResult, read_callback
from payments.gateways.mpesa.values import NAIROBI

__all__ = [
    "ACCEPTED",
    "CONFIRMED",
    "NAIROBI",
    "MpesaClient",
    "MpesaConfig",
    "MpesaGateway",
    "PushAccepted",
    "PushRefused",
    "PushRequest",
    "PushUnknown",
    "Reason",
    "StkResult",
    "Unreadable",
    "answers",
    "confirms",
    "explain_code",
    "is_final_failure",
    "mask_phone",
    "normalise_phone",
    "read_callback",
    "read_confirmation",
    "read_queue_timeout",
    "read_result",
    "read_validation",
    "reject",
    "round_up_shillings",
]
