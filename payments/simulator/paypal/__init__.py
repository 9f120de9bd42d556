"""A pretend PayPal and its payers, with pages for them."""

from payments.simulator.paypal.provider import PaypalSimulator

__all__ = ["PaypalSimulator"]
