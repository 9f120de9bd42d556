"""Run the pretend Safaricom and the customer's phone, for the demo."""

import signal
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from payments.services.simulated_hooks import find_hook, till_addresses
from payments.simulator import Simulator
from payments.simulator.till import Registration


class Command(BaseCommand):
    """Listens on loopback until stopped."""

    help = "Run a pretend M-Pesa and the customer's phone on this machine. Only for the demo."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8090, help="where to listen on 127.0.0.1 (8090)")
        parser.add_argument("--delay", type=float, default=3.0, help="seconds from choice to callback (3)")

    def handle(self, *args: Any, **options: Any) -> None:
        if getattr(settings, "DEMO", False) is not True:
            raise CommandError(
                "The payment simulator runs only in the demo. Set DEMO=True, never in production."
            )
        try:
            simulator = Simulator(port=options["port"], delay=options["delay"])
        except OSError as error:
            raise CommandError(f"Cannot listen on port {options['port']}: {error.strerror}.") from error
        tell_of_every_account(simulator)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.stdout.write(f"The customer's phone is at {simulator.url}/phone")
        self.stdout.flush()
        try:
            simulator.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            simulator.close()


def tell_of_every_account(simulator: Simulator) -> None:
    """Have the simulator deliver to the accounts of the demo, as if each were registered at its provider."""
    simulator.find_hook = find_hook_and_close
    for number, (payments, questions) in till_addresses().items():
        simulator.registrations[number] = Registration(payments, questions, "Completed")


def find_hook_and_close(provider: str, key: str) -> str:
    """Look an address up in the simulator's thread, which ends soon."""
    with closing(connection):
        return find_hook(provider, key)
