"""Cards through Stripe. Protocol facts are from Stripe's own pages and the source of its library."""

from payments.gateways.stripe.config import StripeConfig
from payments.gateways.stripe.gateway import StripeGateway

__all__ = ["StripeConfig", "StripeGateway"]
