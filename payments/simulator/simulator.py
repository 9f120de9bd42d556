"""The simulator: its knobs, what was asked of it, and its clock."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from payments.gateways.mpesa.values import NAIROBI
from payments.simulator import daraja, till
from payments.simulator.callback import callback_body
from payments.simulator.letter import Letter, Subject
from payments.simulator.operations import Operation, end_operation
from payments.simulator.paypal.provider import PaypalSimulator
from payments.simulator.prompt import Prompt, new_receipt
from payments.simulator.server import Handler, Server
from payments.simulator.stripe.provider import StripeSimulator
from payments.simulator.till import Registration, TillPayment

HOST = "127.0.0.1"


class Simulator:
    """A pretend Safaricom and the customer's phone. Use as a context manager; `url` is its address.

    Everything that can go wrong is an attribute, to be set at any time.
    """

    def __init__(
        self, *, host: str = HOST, port: int = 0, delay: float = 3.0, callback_timeout: float = 60.0
    ):
        """Listen on loopback; port 0 takes a free one. Raises ValueError for another host, or OSError."""
        if host != HOST:
            raise ValueError(f"The payment simulator listens on {HOST} only, not on {host}.")
        self.delay = delay  # seconds from the customer's choice to the callback
        self.callback_timeout = callback_timeout  # seconds until an unanswered prompt is given up
        self.auto = ""  # what the customer does at once, such as "pin"
        self.copies = 1  # how many times each letter to the shop is posted
        self.hold = False  # keep letters back until release() is called
        self.latency = 0.0  # seconds from doing what was asked to answering
        self.drop_answer = False  # do what was asked, then close the connection without an answer
        self.drop_request = False  # close the connection and do nothing
        self.outage: daraja.Answer | None = None  # given to every request but that for a token
        self.token_lifetime = "3599"
        self.token_answer: daraja.Answer | None = None  # given instead of a token
        self.push_answer: daraja.Answer | None = None  # given instead of showing a prompt
        self.query_answers: list[daraja.Answer] = []  # given to the next queries, one each
        self.operation_answer: daraja.Answer | None = None  # given instead of doing an operation
        self.operation_ending = ""  # the result code of operations, or "timeout"; else M-Pesa decides
        self.disguise = "masked"  # how a payer's number is told: clear, masked or hashed
        self.echo = False  # confirm the payment of a prompt as one to the till, too
        # Where a provider tells of something with the shop's key: find_hook("stripe", key) gives the address.
        self.find_hook: Callable[[str, str], str] | None = None
        self.token = ""
        self.token_requests = 0
        self.prompts: list[Prompt] = []
        self.operations: list[Operation] = []
        self.till_payments: list[TillPayment] = []
        self.registrations: dict[str, Registration] = {}
        self.reversed: set[str] = set()  # receipts
        self.held: list[Letter] = []
        self.deliveries: list[tuple[Subject, bytes, int]] = []  # what was posted, and the HTTP status or 0
        self._lock = threading.Lock()
        self._timers: set[threading.Timer] = set()
        self.stripe = StripeSimulator(self)
        self.paypal = PaypalSimulator(self)
        self._server = Server((HOST, port), Handler)
        self._server.simulator = self
        self.url = f"http://{HOST}:{self._server.server_port}"

    def serve_forever(self) -> None:
        """Answer until close() is called from another thread or an exception ends it."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop listening and drop what has not been posted yet."""
        with self._lock:
            for timer in self._timers:
                timer.cancel()
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self.close()

    def expire_token(self) -> None:
        """End the current access token early."""
        self.token = ""

    def find_prompt(self, checkout_request_id: str) -> Prompt | None:
        """Return the prompt with this id, if there is one."""
        return next((one for one in self.prompts if one.checkout_request_id == checkout_request_id), None)

    def add_prompt(self, request: dict[str, Any]) -> Prompt:
        """Show a prompt that Daraja has accepted."""
        with self._lock:
            asked_at = datetime.now(NAIROBI)
            merchant, checkout = daraja.new_prompt_ids(asked_at, str(request["PhoneNumber"]))
            while self.find_prompt(checkout):
                asked_at += timedelta(milliseconds=1)
                merchant, checkout = daraja.new_prompt_ids(asked_at, str(request["PhoneNumber"]))
            prompt = Prompt(
                merchant_request_id=merchant,
                checkout_request_id=checkout,
                shortcode=str(request["BusinessShortCode"]),
                payee=str(request["PartyB"]),
                phone=str(request["PhoneNumber"]),
                amount=int(request["Amount"]),
                reference=str(request["AccountReference"]),
                description=str(request.get("TransactionDesc", "")),
                callback_url=request["CallBackURL"],
                asked_at=asked_at,
                schedule=lambda prompt: self._after(self.delay, lambda: self._deliver(prompt)),
            )
            self.prompts.append(prompt)
        self._after(self.callback_timeout, lambda: self._give_up(prompt))
        if self.auto:
            prompt.answer(self.auto)
        return prompt

    def _give_up(self, prompt: Prompt) -> None:
        if prompt.time_is_over():
            self._deliver(prompt)

    def _deliver(self, prompt: Prompt) -> None:
        prompt.end()
        headers = {"Businessshortcode": prompt.shortcode}
        self.send(Letter(prompt, prompt.callback_url, callback_body(prompt), headers))
        if self.echo and prompt.receipt:
            till.confirm(self, till.echo(prompt, self.disguise))

    def add_operation(self, operation: Operation) -> None:
        """Note what an operator asked for, to be done after the network's delay."""
        self.operations.append(operation)
        self._after(self.delay, lambda: self._end(operation))

    def _end(self, operation: Operation) -> None:
        end_operation(self, operation)
        self.send(Letter(operation, operation.address, operation.body()))

    def pay_till(
        self, *, amount: Decimal | int, phone: str, billref: str = "", shortcode: str = "", **values: Any
    ) -> TillPayment:
        """Let a customer pay unasked; `amount` is in KES, `values` are other fields of TillPayment.

        Word of it goes to the registered addresses of the shortcode, the simulator's own by default.
        """
        now = datetime.now(NAIROBI)
        payment = TillPayment(
            shortcode=shortcode or daraja.SIMULATOR_CREDENTIALS["shortcode"],
            amount=Decimal(amount),
            phone=phone,
            billref=billref,
            receipt=new_receipt(now),
            paid_at=now,
            **{"disguise": self.disguise} | values,
        )
        self.till_payments.append(payment)
        self._after(self.delay, lambda: till.settle(self, payment))
        return payment

    def find_money(self, receipt: str) -> TillPayment | None:
        """Return what a customer paid under this receipt number, asked or unasked."""
        paid = [till.echo(prompt, self.disguise) for prompt in self.prompts if prompt.receipt]
        paid += [payment for payment in self.till_payments if not payment.is_refused]
        return next((payment for payment in paid if payment.receipt == receipt), None)

    def release(self, *, newest_first: bool = False) -> None:
        """Post what was held back, in its order or the other way round, and hold no more."""
        with self._lock:
            letters, self.held, self.hold = self.held, [], False
        for letter in reversed(letters) if newest_first else letters:
            self._post(letter)

    def send(self, letter: Letter) -> None:
        """Post a letter now, or when it is released."""
        with self._lock:
            if self.hold:
                self.held.append(letter)
                return
        self._post(letter)

    def _post(self, letter: Letter) -> None:
        for _copy in range(self.copies):
            letter.subject.answered_with, _answer = letter.post()
            self.deliveries.append((letter.subject, letter.body, letter.subject.answered_with))
        letter.subject.delivered.set()

    def _after(self, seconds: float, act: Callable[[], object]) -> None:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        with self._lock:
            self._timers = {one for one in self._timers if one.is_alive()} | {timer}
            timer.start()
