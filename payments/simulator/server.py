"""The small web server that carries Daraja and the phone."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from payments.gateways.mpesa.messages import LOOPBACK
from payments.simulator import daraja, operations, phone, till
from payments.simulator.prompt import LATE, AlreadyAnswered, Prompt

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator

MAX_BODY = 64 * 1024
MAX_CARD_BODY = 256 * 1024


class Server(ThreadingHTTPServer):
    """Threads that do not outlive the program."""

    daemon_threads = True
    request_queue_size = 128
    simulator: "Simulator"


class Handler(BaseHTTPRequestHandler):
    """Sends each address to the pretend provider it belongs to, or to the phone."""

    server: Server
    timeout = 30

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if not self._is_from_here() or self._answer_elsewhere(b""):
            return
        if address.path == "/oauth/v1/generate":
            self._answer(*daraja.grant_token(self.server.simulator, self.headers, address.query))
        elif address.path in ("/", "/phone", "/phone/"):
            simulator = self.server.simulator
            self._show(200, phone.list_page(simulator.prompts, simulator.till_payments))
        elif address.path == "/phone/pay":
            self._show(200, phone.pay_page({}, self.server.simulator.registrations))
        elif address.path.startswith("/phone/"):
            prompt = self._prompt()
            self._show(200 if prompt else 404, phone.prompt_page(prompt))
        else:
            self._answer(*daraja.refusal(404, "404.001.01", "Resource not found"))

    def do_POST(self) -> None:
        simulator, path, raw = self.server.simulator, urlsplit(self.path).path, self._read_body()
        if raw is None or not self._is_from_here() or self._answer_elsewhere(raw):
            return
        if path.startswith("/phone/"):
            self._use_phone(path, raw)
        elif path.startswith("/mpesa/") and (simulator.outage or simulator.drop_request):
            if simulator.outage:
                self._answer(*simulator.outage)
        else:
            answer, done = self._ask_daraja(path, raw)
            if done:
                time.sleep(simulator.latency)
            if not (done and simulator.drop_answer):
                self._answer(*answer)

    def _ask_daraja(self, path: str, raw: bytes) -> tuple[daraja.Answer, object]:
        """Return the answer, and what was done, if anything was."""
        simulator = self.server.simulator
        if path == "/mpesa/stkpush/v1/processrequest":
            return daraja.take_push(simulator, self.headers, raw)
        if path == "/mpesa/stkpushquery/v1/query":
            return daraja.answer_query(simulator, self.headers, raw), None
        if path == "/mpesa/c2b/v2/registerurl":
            return till.register(simulator, self.headers, raw), None
        if path in operations.COMMANDS:
            return operations.take_operation(simulator, path, self.headers, raw)
        return daraja.refusal(404, "404.001.01", "Resource not found"), None

    def _use_phone(self, path: str, raw: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(raw.decode("utf-8", "replace")).items()}
        if path == "/phone/pay":
            self._pay(form)
        else:
            self._choose(form.get("choice", ""))

    def _pay(self, form: dict[str, str]) -> None:
        try:
            self.server.simulator.pay_till(**till.read_form(form))
        except ValueError:
            self._show(400, phone.pay_page(form, self.server.simulator.registrations, is_wrong=True))
        else:
            self._answer(303, b"", Location="/phone")

    def _answer_elsewhere(self, raw: bytes) -> bool:
        """Hand a request below /stripe/ or /paypal/ over; tell whether this was one."""
        address = urlsplit(self.path)
        _slash, prefix, path = [*address.path.split("/", 2), ""][:3]
        simulator = self.server.simulator
        other = {"stripe": simulator.stripe, "paypal": simulator.paypal}.get(prefix)
        if other is None:
            return False
        status, body, headers = other.answer(self.command, f"/{path}", address.query, self.headers, raw)
        if status:  # 0 closes the connection without an answer
            self._answer(status, body, **headers)
        return True

    def _choose(self, choice: str) -> None:
        prompt = self._prompt()
        if prompt is None:
            self._show(404, phone.prompt_page(None))
            return
        try:
            if choice == LATE:
                prompt.pay_late()
            else:
                prompt.answer(choice)
        except AlreadyAnswered:
            self._show(409, phone.prompt_page(prompt))
        except ValueError:
            self._show(400, phone.prompt_page(prompt))
        else:
            self._answer(303, b"", Location=urlsplit(self.path).path)

    def _prompt(self) -> Prompt | None:
        return self.server.simulator.find_prompt(unquote(urlsplit(self.path).path.removeprefix("/phone/")))

    def _is_from_here(self) -> bool:
        """Refuse pages elsewhere that reach loopback through a host name of their own."""
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname in LOOPBACK:
            return True
        self._answer(403, b"")
        return False

    def _read_body(self) -> bytes | None:
        most = MAX_CARD_BODY if self.path.startswith(("/stripe/", "/paypal/")) else MAX_BODY
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or len(length) > 6 or int(length) > most:
            self._answer(413, b"")
            return None
        return self.rfile.read(int(length))

    def _show(self, status: int, page: str) -> None:
        self._answer(status, page.encode(), **{"Content-Type": "text/html; charset=utf-8"})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        kind = "application/json" if body.startswith(b"{") else "text/html"
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Keep quiet: addresses and bodies here hold phone numbers."""
