"""Calls to PayPal: who we are, how long we wait, and what an answer means."""

import hashlib
import json
import logging
import re
from typing import Any

import requests

from payments.gateways.access_token import AccessToken, Cache, NoToken
from payments.gateways.gateway import AskRefused, AskUnknown
from payments.gateways.paypal.config import PaypalConfig
from payments.gateways.paypal.issues import explain_issue
from payments.gateways.paypal.text import objects, part, word
from payments.gateways.sending import bearer, read_object, was_never_sent

TOKEN_PATH = "/v1/oauth2/token"
SHORT_TOKEN_LIFE = 600
# An earlier request with the same PayPal-Request-Id is still at work.
IN_PROGRESS = {"PREVIOUS_REQUEST_IN_PROGRESS", "RESOURCE_CONFLICT"}

logger = logging.getLogger(__name__)


class PaypalCalls:
    """Speaks to PayPal as one application. `token_cache` is a Django cache that all workers share."""

    def __init__(self, config: PaypalConfig, token_cache: Cache):
        self._config = config
        account = hashlib.sha256(f"{config.base_url}|{config.client_id}".encode()).hexdigest()[:32]
        patience = config.connect_timeout + config.read_timeout
        self._token = AccessToken(token_cache, name=account, fetch=self._fetch_token, patience=patience)

    def get(self, path: str) -> dict[str, Any]:
        """Return what PayPal answers. Raises AskRefused and AskUnknown."""
        return self._call("GET", path)

    def post(self, path: str, body: Any, *, request_id: str) -> dict[str, Any]:
        """Post JSON and return the answer; the same `request_id` may be sent again and acts only once.

        Raises AskRefused when PayPal certainly did nothing, AskUnknown when nobody can tell.
        """
        headers = {"Content-Type": "application/json", "PayPal-Request-Id": request_id}
        return self._call("POST", path, data=json.dumps(body).encode(), headers=headers)

    def post_bytes(self, path: str, body: bytes) -> dict[str, Any]:
        """Post a JSON document whose every byte matters. Raises AskRefused and AskUnknown."""
        return self._call("POST", path, data=body, headers={"Content-Type": "application/json"})

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        options["headers"] = {"Prefer": "return=representation"} | options.get("headers", {})
        try:
            token = self._token.current()
            response = self._send_once(method, path, auth=bearer(token), **options)
            if response.status_code == 401:  # it did not look at the request
                token = self._token.current(rejected=token)
                response = self._send_once(method, path, auth=bearer(token), **options)
        except NoToken as error:
            logger.warning("PayPal gave no access token: %s", error.code)
            raise AskRefused(error.code, explain_issue(error.code), error.retry_after) from error
        return _read_answer(response)

    def _send_once(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self._send(method, path, **options)
        except requests.RequestException as error:
            if was_never_sent(error):
                logger.warning("PayPal could not be reached")
                raise AskRefused("no_connection", explain_issue("no_connection"), 60) from error
            logger.warning("PayPal did not answer: %s", type(error).__name__)
            raise AskUnknown(explain_issue("no_answer"), may_repeat=True) from error

    def _fetch_token(self) -> tuple[str, int]:
        """Return a new access token and its lifetime in seconds; raise NoToken."""
        login = (self._config.client_id, self._config.client_secret)
        try:
            response = self._send("POST", TOKEN_PATH, data={"grant_type": "client_credentials"}, auth=login)
        except requests.RequestException as error:
            raise NoToken("no_connection" if was_never_sent(error) else "no_token", 60) from error
        answer = read_object(response)
        token, lifetime = answer.get("access_token"), str(answer.get("expires_in"))
        if response.status_code == 200 and isinstance(token, str) and re.fullmatch("[!-~]+", token):
            return token, int(lifetime) if lifetime.isdecimal() and len(lifetime) < 7 else SHORT_TOKEN_LIFE
        if response.status_code in (400, 401) and "error" in answer:
            raise NoToken("wrong_credentials", None)
        raise NoToken("no_token", 60)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        timeout = (self._config.connect_timeout, self._config.read_timeout)
        address = self._config.base_url.rstrip("/") + path
        with requests.Session() as session:
            session.trust_env = not self._config.is_local  # no proxy between us and a simulator
            return session.request(method, address, timeout=timeout, allow_redirects=False, **options)


def _read_answer(response: requests.Response) -> dict[str, Any]:
    answer, status = read_object(response), response.status_code
    if status in (200, 201) and answer:
        return answer
    issue = next((word(one.get("issue")) for one in objects(answer, "details")), "") or word(
        part(answer, "name")
    )
    if status == 401:
        issue = "AUTHENTICATION_FAILURE"
    # A page by somebody in between is not PayPal's word, whatever its status.
    if issue and 400 <= status < 500 and issue not in IN_PROGRESS:
        logger.warning("PayPal refused: %s", issue)
        raise AskRefused(issue, explain_issue(issue), 120 if status == 429 else None)
    logger.warning("PayPal gave no clear answer, HTTP %s %s", status, issue)
    raise AskUnknown(explain_issue("no_answer"), may_repeat=True)
