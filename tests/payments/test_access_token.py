import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache.backends.locmem import LocMemCache

from payments.gateways.access_token import AccessToken
from payments.gateways.mpesa import PushRefused, PushRequest, explain_code
from payments.simulator import EMPTY_400, HTML_503, refusal
from tests.payments.daraja import REQUEST, make_cache, make_client, push, serial

INVALID_TOKEN = refusal(404, "404.001.03", "Invalid Access Token")


def test_clients_share_one_token(simulator):
    cache = make_cache()
    for _push in range(3):
        make_client(simulator, cache).push(PushRequest(**REQUEST))
    assert simulator.token_requests == 1


def test_an_expired_token_is_renewed_once_and_the_prompt_is_shown_once(simulator):
    client = make_client(simulator)
    client.push(PushRequest(**REQUEST))
    simulator.expire_token()
    client.push(PushRequest(**REQUEST))
    assert (simulator.token_requests, len(simulator.prompts)) == (2, 2)


def test_a_token_that_is_never_accepted_ends_in_a_refusal(simulator):
    simulator.push_answer = INVALID_TOKEN
    with pytest.raises(PushRefused) as refused:
        push(simulator)
    assert refused.value.code == "404.001.03"
    assert simulator.token_requests == 2


@pytest.mark.parametrize(
    ("lifetime", "kept"), [("3599", 3299), ("600", 300), ("10", 5), ("", 300), ("soon", 300)]
)
def test_a_token_is_renewed_before_its_end(simulator, lifetime, kept):
    class Recording(LocMemCache):
        def set(self, key, value, timeout=None, **options):
            timeouts.append(timeout)
            super().set(key, value, timeout, **options)

    timeouts = []
    simulator.token_lifetime = lifetime
    make_client(simulator, Recording(f"tokens-{next(serial)}", {})).push(PushRequest(**REQUEST))
    assert timeouts == [kept]


def fetch_tokens_at_once(cache, workers=20):
    """Let workers ask for a token at the same time; return how many were fetched."""
    fetched = []
    start = threading.Barrier(workers)

    def fetch():
        time.sleep(0.05)
        fetched.append(1)
        return f"token-{len(fetched)}", 3599

    def work(_number):
        token = AccessToken(cache, name="one", fetch=fetch, patience=10)
        start.wait()
        return token.current()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    return len(fetched)


def test_twenty_workers_fetch_one_token():
    assert fetch_tokens_at_once(make_cache()) == 1


def test_control_without_the_lock_workers_fetch_their_own():
    class Unlocked(LocMemCache):
        def add(self, *args, **options):
            return True

    assert fetch_tokens_at_once(Unlocked(f"tokens-{next(serial)}", {})) > 1


def test_a_rejected_token_is_not_fetched_again_when_another_worker_has_renewed_it(simulator):
    cache = make_cache()
    fetched = iter(["first", "second"])
    token = AccessToken(cache, name="one", fetch=lambda: (next(fetched), 3599), patience=1)
    first = token.current()
    assert [token.current(rejected=first), token.current(rejected=first)] == ["second", "second"]


@pytest.mark.parametrize(
    ("answer", "code", "retry_after"),
    [
        (EMPTY_400, "wrong_credentials", None),
        (refusal(400, "400.008.01", "Invalid Authentication passed"), "wrong_credentials", None),
        (HTML_503, "no_token", 60),
        ((200, b"{}"), "no_token", 60),
        ((200, b'{"access_token": "a\\r\\nb", "expires_in": "3599"}'), "no_token", 60),
        ((302, b""), "no_token", 60),
    ],
)
def test_without_a_token_nothing_is_prompted(simulator, answer, code, retry_after):
    simulator.token_answer = answer
    with pytest.raises(PushRefused) as refused:
        push(simulator)
    assert (refused.value.code, refused.value.retry_after) == (code, retry_after)
    assert refused.value.text == explain_code(code)
    assert simulator.prompts == []


def test_a_token_that_comes_too_late_prompts_nothing(simulator):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(PushRefused) as refused:
            push(simulator, base_url=address, read_timeout=0.2)
    assert (refused.value.code, refused.value.retry_after) == ("no_token", 60)


def test_a_failed_fetch_leaves_no_lock_behind(simulator):
    client = make_client(simulator)
    simulator.token_answer = HTML_503
    with pytest.raises(PushRefused):
        client.push(PushRequest(**REQUEST))
    simulator.token_answer = None
    assert client.push(PushRequest(**REQUEST)).checkout_request_id
