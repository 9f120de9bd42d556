"""What every call to a provider over HTTP has in common."""

from collections.abc import Callable
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from payments.gateways.strict_json import read_json


def bearer(token: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Sign by an auth callable; a plain header would be overwritten by a matching line of ~/.netrc."""

    def sign(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers["Authorization"] = f"Bearer {token}"
        return prepared

    return sign


def was_never_sent(error: requests.RequestException) -> bool:
    """Tell whether the connection itself failed, so that no byte of the request left this machine."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def read_object(response: requests.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; an empty one for anything else."""
    try:
        answer = read_json(response.content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
