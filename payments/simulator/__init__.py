"""A pretend Safaricom, and the customer's phone, on this machine only: for the demo and the tests.

It speaks Daraja's shapes as published in Safaricom's portal and in integrators' traces, with its faults.
"""

from payments.simulator.daraja import EMPTY_400, HTML_503, SIMULATOR_CREDENTIALS, refusal
from payments.simulator.prompt import AlreadyAnswered, Prompt
from payments.simulator.simulator import Simulator

__all__ = [
    "EMPTY_400",
    "HTML_503",
    "SIMULATOR_CREDENTIALS",
    "AlreadyAnswered",
    "Prompt",
    "Simulator",
    "refusal",
]
