"""A pretend Stripe and its customers, with pages for them."""

from payments.simulator.stripe.provider import StripeSimulator

__all__ = ["StripeSimulator"]
