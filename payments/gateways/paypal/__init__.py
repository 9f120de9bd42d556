"""PayPal. Protocol facts are from PayPal's developer pages and the source of its libraries."""

from payments.gateways.paypal.config import PaypalConfig
from payments.gateways.paypal.currencies import CURRENCIES, WITHOUT_CENTS
from payments.gateways.paypal.gateway import APPROVED, PaypalGateway
from payments.gateways.paypal.issues import explain_issue

__all__ = ["APPROVED", "CURRENCIES", "WITHOUT_CENTS", "PaypalConfig", "PaypalGateway", "explain_issue"]
