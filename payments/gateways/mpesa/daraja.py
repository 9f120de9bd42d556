"""The line to Daraja: a request is signed and sent, and its answer returned or the lack of one told."""

import hashlib
import logging
import re
from typing import Any

import requests

from payments.gateways.access_token import AccessToken, Cache, NoToken
from payments.gateways.mpesa.config import MpesaConfig
from payments.gateways.mpesa.result_codes import explain_code
from payments.gateways.mpesa.values import read_prose
from payments.gateways.sending import bearer, read_object, was_never_sent

TOKEN_PATH = "/oauth/v1/generate"
TOKEN_REJECTED = {"400.003.01", "401.001", "404.001.03"}
BUSY = {"500.003.02", "500.003.03", "500.003.1001"}
SHORT_TOKEN_LIFE = 600

logger = logging.getLogger(__name__)


class Refused(Exception):
    """Definite: Daraja did nothing.

    `code` is Daraja's or one of ours (see result_codes), `text` is Daraja's own prose, `retry_after` is the
    number of seconds after which the same request may work, None when something has to be changed first.
    """

    def __init__(self, code: str, text: str, retry_after: int | None = None):
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.retry_after = retry_after


class Unanswered(Exception):
    """No clear answer: Daraja may have done what was asked. `text` is for the log."""

    def __init__(self, text: str):
        super().__init__(text)
        self.text = text


class Daraja:
    """The line for one account. `token_cache` is a Django cache that all workers share."""

    def __init__(self, config: MpesaConfig, token_cache: Cache):
        self.config = config
        account = hashlib.sha256(f"{config.base_url}|{config.consumer_key}".encode()).hexdigest()[:32]
        patience = config.connect_timeout + config.read_timeout
        self._token = AccessToken(token_cache, name=account, fetch=self._fetch_token, patience=patience)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a request once and return the answer that accepts it.

        Raises Refused and Unanswered. Only when Daraja rejected the access token, and so did not look at the
        request, is that renewed and the request sent again. Call it outside database transactions: it may
        take half a minute.
        """
        try:
            token = self._token.current()
            try:
                return self._post_with(token, path, body)
            except Refused as refusal:
                if not _is_about_the_token(refusal):
                    raise
                return self._post_with(self._token.current(rejected=token), path, body)
        except NoToken as error:
            logger.warning("M-Pesa gave no access token: %s", error.code)
            raise Refused(error.code, explain_code(error.code), error.retry_after) from error

    def _post_with(self, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self._send("POST", path, json=body, auth=bearer(token))
        except requests.RequestException as error:
            if was_never_sent(error):
                logger.warning("M-Pesa could not be reached")
                raise Refused("no_connection", explain_code("no_connection"), 60) from error
            logger.warning("M-Pesa did not answer %s: %s", path, type(error).__name__)
            raise Unanswered(f"no answer: {type(error).__name__}") from error
        return _read_answer(response)

    def _fetch_token(self) -> tuple[str, int]:
        """Return a new access token and its lifetime in seconds; raise NoToken."""
        login = (self.config.consumer_key, self.config.consumer_secret)
        try:
            response = self._send("GET", TOKEN_PATH, params={"grant_type": "client_credentials"}, auth=login)
        except requests.RequestException as error:
            raise NoToken("no_connection" if was_never_sent(error) else "no_token", 60) from error
        answer = read_object(response)
        token = answer.get("access_token")
        if response.status_code == 200 and isinstance(token, str) and re.fullmatch("[!-~]+", token):
            lifetime = str(answer.get("expires_in"))  # documented as a number, arrives as a string
            return token, int(lifetime) if lifetime.isdecimal() and len(lifetime) < 6 else SHORT_TOKEN_LIFE
        # A wrong key or secret is answered with 400 and an empty body.
        if response.status_code in (400, 401) and (answer or not response.content):
            raise NoToken("wrong_credentials", None)
        raise NoToken("no_token", 60)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        timeout = (self.config.connect_timeout, self.config.read_timeout)
        address = self.config.base_url.rstrip("/") + path
        with requests.Session() as session:
            session.trust_env = not self.config.is_local  # no proxy between us and a simulator
            # A redirected POST becomes a GET elsewhere, with our credentials.
            return session.request(method, address, timeout=timeout, allow_redirects=False, **options)


def _read_answer(response: requests.Response) -> dict[str, Any]:
    answer = read_object(response)
    if isinstance(answer.get("errorCode"), str) and answer["errorCode"]:
        raise _refusal(answer["errorCode"], answer.get("errorMessage"))
    code = answer.get("ResponseCode")
    if response.status_code == 200 and type(code) in (int, str) and code != "":
        if not re.fullmatch("0+", str(code)):  # some services write 00000000
            raise _refusal(str(code), answer.get("ResponseDescription"))
        return answer
    logger.warning("M-Pesa answered with something else, HTTP %s", response.status_code)
    raise Unanswered(f"an answer that is not Daraja's, HTTP {response.status_code}")


def _refusal(code: str, text: Any) -> Refused:
    logger.warning("M-Pesa refused: %s", code)
    code, text = code[:40], read_prose(text, 300)
    words = text.casefold()
    if code == "17":
        return Refused(code, text, 120)
    # "Unable to lock subscriber, a transaction is already in process": the phone has a prompt open.
    is_locked = any(hint in words for hint in ("lock subscriber", "in process", "being processed"))
    return Refused(code, text, 60 if is_locked or code in BUSY else None)


def _is_about_the_token(refusal: Refused) -> bool:
    return refusal.code in TOKEN_REJECTED or "invalid access token" in refusal.text.casefold()
