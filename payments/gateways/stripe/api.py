"""Requests to Stripe and the three ways they end: an answer, a refusal, or no clear answer."""

import logging
from typing import Any

import requests

from payments.gateways.gateway import AskRefused, AskUnknown
from payments.gateways.sending import bearer, was_never_sent
from payments.gateways.strict_json import read_json
from payments.gateways.stripe.config import StripeConfig
from payments.gateways.stripe.errors import explain_code, read_error

BUSY_SECONDS = 60

logger = logging.getLogger(__name__)


class StripeApi:
    """Stripe's HTTP interface, form-encoded, for one account.

    Both methods return the object that Stripe answers with. They raise AskRefused when Stripe certainly did
    nothing, AskUnknown when nobody can tell.
    """

    def __init__(self, config: StripeConfig):
        self._config = config

    def get(self, path: str, **fields: str) -> dict[str, Any]:
        """Read an object."""
        return self._send("GET", path, params=fields)

    def post(self, path: str, fields: dict[str, str], *, key: str) -> dict[str, Any]:
        """Do something once, however often it is asked for with the same `key` (for at least a day)."""
        return self._send("POST", path, data=fields, headers={"Idempotency-Key": key})

    def _send(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        config = self._config
        headers = {"Stripe-Version": config.api_version, **options.pop("headers", {})}
        try:
            with requests.Session() as session:
                session.trust_env = not config.is_local  # no proxy between us and a simulator
                response = session.request(
                    method,
                    config.base_url.rstrip("/") + path,
                    headers=headers,
                    auth=bearer(self._config.secret_key),
                    timeout=(config.connect_timeout, config.read_timeout),
                    allow_redirects=False,  # a redirected POST becomes a GET elsewhere, with our credentials
                    **options,
                )
        except requests.RequestException as error:
            if was_never_sent(error):
                logger.warning("Stripe could not be reached")
                raise AskRefused("no_connection", explain_code("no_connection"), BUSY_SECONDS) from error
            logger.warning("Stripe did not answer: %s", type(error).__name__)
            raise AskUnknown(f"no answer: {type(error).__name__}", may_repeat=True) from error
        return _read_answer(response)


def _read_answer(response: requests.Response) -> dict[str, Any]:
    status = response.status_code
    try:
        answer = read_json(response.content)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and status == 200:
        return answer
    error = answer.get("error") if isinstance(answer, dict) else None
    code, text = read_error(error)
    logger.warning("Stripe refused or failed: HTTP %s, %s", status, code or "no code")
    kind = error.get("type") if isinstance(error, dict) else None
    if kind == "idempotency_error" and status == 400:
        # The request that was sent before with this key was another one, and may have been carried out.
        raise AskUnknown("the same key was used for a different request")
    # 409: an equal request is being worked on at this moment.
    if not 400 <= status < 500 or status == 409 or not code or kind in ("api_error", "idempotency_error"):
        raise AskUnknown(f"an answer that decides nothing, HTTP {status}", may_repeat=True)
    if status in (401, 403) and code != "api_key_expired":
        code = "wrong_credentials" if status == 401 else "no_permission"
        text = explain_code(code)
    raise AskRefused(code, text, _seconds(response) if status == 429 else None)


def _seconds(response: requests.Response) -> int:
    wait = response.headers.get("Retry-After", "")
    return int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 5 else BUSY_SECONDS
