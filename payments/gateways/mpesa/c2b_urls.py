"""Tell Safaricom where to report payments that customers make to our till or paybill by themselves."""

from payments.gateways.mpesa.callback_address import check_address
from payments.gateways.mpesa.daraja import Daraja, Refused

PATH = "/mpesa/c2b/v2/registerurl"
RESPONSE_TYPES = ("Completed", "Cancelled")


def register_urls(
    daraja: Daraja, *, confirmation_url: str, validation_url: str, response_type: str = "Completed"
) -> bool:
    """Register both addresses; return False when there are some already, which Safaricom never replaces.

    `response_type` says what becomes of a payment when the validation address does not answer in time.
    Raises Refused, Unanswered, and RuleBroken for addresses that Safaricom does not take.
    """
    if response_type not in RESPONSE_TYPES:
        raise ValueError(f"{response_type!r} is not one of {RESPONSE_TYPES}")
    for address in (confirmation_url, validation_url):
        check_address(address, allow_http=daraja.config.allow_http)
    try:
        daraja.post(
            PATH,
            {
                "ShortCode": daraja.config.shortcode,
                "ResponseType": response_type,
                "ConfirmationURL": confirmation_url,
                "ValidationURL": validation_url,
            },
        )
    except Refused as refusal:
        if "already registered" in refusal.text.casefold():
            return False
        raise
    return True
