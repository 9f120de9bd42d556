"""The address that Safaricom calls: what is taken, what is refused, and what nobody may learn from it."""

import http.client
import io
import json
import logging
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory

from payments.models import AttemptStatus, EventOutcome
from payments.services import events as service
from payments.services.attempts import callback_token
from payments.services.events import retry_event
from payments.views import hooks, mpesa
from payments.views.body import MAX_BODY
from payments.views.mpesa import stk_callback
from sales.models import OrderStatus
from tests.payments.daraja import sample
from tests.payments.hooks import sent
from tests.payments.money import PHONE, ask, body_for, events, failure_for, fresh, hook, make_bill, payments

pytestmark = pytest.mark.django_db
JSON = "application/json;charset=UTF-8"


@pytest.fixture
def attempt(store):
    return ask(make_bill(store))


def post(client, path, body, content_type=JSON, **extra):
    return client.post(path, data=body, content_type=content_type, **extra)


def test_a_success_is_acknowledged_and_pays_the_order(client, attempt):
    answer = post(client, hook(attempt), body_for(attempt))
    assert (answer.status_code, answer.json()) == (200, {"ResultCode": 0, "ResultDesc": "Accepted"})
    assert fresh(attempt.order).status == OrderStatus.PAID
    event = events()[0]
    assert bytes(event.body) == body_for(attempt)
    assert (event.content_type, event.source_ip) == ("application/json", "127.0.0.1")


def test_the_answer_does_not_tell_what_a_delivery_meant(client, attempt):
    bodies = [body_for(attempt), failure_for(attempt), b"rubbish", body_for(attempt, items={"Amount": 1})]
    assert len({post(client, hook(attempt), body).content for body in bodies}) == 1


@pytest.mark.parametrize("name", ["stk_cancelled", "stk_timeout", "stk_wrong_pin", "stk_insufficient"])
def test_the_sample_failures_are_taken(client, store, name):
    attempt = ask(make_bill(store), submitted=False)
    post(client, hook(attempt), sample(name))
    assert fresh(attempt).status == AttemptStatus.FAILED


def test_the_sample_of_a_late_success_follows_the_sample_of_silence(client, store):
    attempt = ask(make_bill(store), submitted=False)
    for name in ("stk_timeout", "stk_late_success"):
        post(client, hook(attempt), sample(name))
    assert fresh(attempt).is_late and fresh(attempt.order).status == OrderStatus.PAID


def test_the_address_works_without_the_slash_too(client, attempt):
    answer = post(client, hook(attempt).rstrip("/"), body_for(attempt))
    assert answer.status_code == 200 and len(payments()) == 1


@pytest.mark.parametrize("method", ["get", "put", "head", "delete", "patch", "options"])
def test_other_methods_are_refused_with_what_is_allowed(client, attempt, method):
    answer = getattr(client, method)(hook(attempt))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "token",
    ["0" * 32, "0" * 31, "x" * 32, "zzz", "A" * 32, "%00", "%ff%fe", "é" * 32, "0" * 5000, "..", "'--"],
)
def test_a_wrong_token_is_not_found_and_leaves_nothing(client, attempt, token):
    for path in (f"/hooks/lnm/{token}/", f"/hooks/lnm/{token}"):
        assert post(client, path, body_for(attempt)).status_code == 404
    assert not events()


def test_the_token_of_an_attempt_in_capitals_is_wrong(client, attempt):
    assert post(client, hook(attempt).upper().lower(), b"{}").status_code == 200
    capitals = f"/hooks/lnm/{callback_token(attempt.pk).upper()}/"
    if capitals != hook(attempt):
        assert post(client, capitals, b"{}").status_code == 404


def test_a_wrong_token_costs_one_query_and_no_look_at_the_body(attempt, django_assert_num_queries):
    request = RequestFactory().post("/hooks/lnm/x/", b"x" * 10**6, content_type=JSON)
    request.read = None
    with django_assert_num_queries(1):
        assert stk_callback(request, token="0" * 32).status_code == 404
    with django_assert_num_queries(0):
        assert stk_callback(request, token="no token").status_code == 404


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/octet-stream", ""])
def test_the_content_type_hardly_matters(client, attempt, content_type):
    post(client, hook(attempt), body_for(attempt), content_type)
    assert fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_is_refused(client, attempt, content_type):
    assert post(client, hook(attempt), b"a=1", content_type).status_code == 415
    assert not events()


@pytest.mark.parametrize("content_type", ["a\x00b", "\ud83d", "x" * 5000, "application/json; charset=\x7f"])
def test_a_strange_content_type_is_stored_harmlessly(attempt, content_type):
    request = RequestFactory().post(hook(attempt), body_for(attempt), content_type=JSON)
    request.content_type = content_type
    assert stk_callback(request, token=callback_token(attempt.pk)).status_code == 200
    assert len(events()[0].content_type) <= 100


@pytest.mark.parametrize("size, status", [(MAX_BODY, 200), (MAX_BODY + 1, 413), (10 * 2**20, 413)])
def test_a_long_body_is_refused_and_not_stored(client, attempt, size, status):
    assert post(client, hook(attempt), b" " * size).status_code == status
    assert len(events()) == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    "length, status",
    [
        ("", 411),
        ("abc", 411),
        ("-5", 411),
        ("1e3", 411),
        ("٣", 411),
        ("9" * 400, 413),
        ("70000", 413),
        ("10", 200),
    ],
)
def test_a_length_that_lies_is_survived(attempt, length, status):
    assert deliver_raw(attempt, body_for(attempt), CONTENT_LENGTH=length).status_code == status
    assert fresh(attempt.order).status == OrderStatus.PENDING


def test_a_body_that_was_cut_short_is_not_acknowledged(attempt):
    assert deliver_raw(attempt, body_for(attempt), CONTENT_LENGTH="5000").status_code == 400
    assert not events()


def test_a_body_without_a_length_is_read_where_the_server_marks_its_end(attempt):
    answer = deliver_raw(attempt, body_for(attempt), **{"wsgi.input_terminated": True})
    sent(answer)
    assert answer.status_code == 200 and fresh(attempt.order).status == OrderStatus.PAID


def test_an_endless_body_without_a_length_is_not_read_to_its_end(attempt):
    endless = io.BytesIO(b" " * 10**6)
    answer = deliver_raw(attempt, endless, **{"wsgi.input_terminated": True})
    assert answer.status_code == 413 and endless.tell() <= MAX_BODY + 1


def test_a_line_that_breaks_is_not_an_acknowledgement(attempt):
    class Broken(io.BytesIO):
        def read(self, *args):
            raise OSError("connection reset")

    assert deliver_raw(attempt, Broken(), CONTENT_LENGTH="100").status_code == 400
    assert not events()


@pytest.mark.parametrize("address", ["", "unix", "1.2.3.4.5", None, "::1%eth0"])
def test_a_server_that_does_not_know_the_sender_stores_none(attempt, address):
    request = RequestFactory().post(hook(attempt), body_for(attempt), content_type=JSON)
    request.META["REMOTE_ADDR"] = address or ""
    assert stk_callback(request, token=callback_token(attempt.pk)).status_code == 200


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
@pytest.mark.parametrize("place, step", [(mpesa, "find_attempt"), (hooks, "store_delivery")])
def test_what_was_not_stored_is_not_acknowledged(client, attempt, monkeypatch, error, place, step):
    def down(*args, **kwargs):
        raise error("gone")

    with monkeypatch.context() as patch:
        patch.setattr(place, step, down)
        answer = post(client, hook(attempt), body_for(attempt))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"ResultCode" not in answer.content and not events()
    assert post(client, hook(attempt), body_for(attempt)).status_code == 200
    assert len(payments()) == 1 and fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.django_db(transaction=True)
def test_what_was_stored_is_acknowledged_though_the_database_went_away(client, store, monkeypatch):
    attempt = ask(make_bill(store))

    def down(*args, **kwargs):
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(service, "apply_event", down)
        patch.setattr(service.WebhookEvent, "refresh_from_db", down)
        assert post(client, hook(attempt), body_for(attempt)).status_code == 200
    event = events()[0]
    assert event.outcome in (EventOutcome.WAITING, EventOutcome.ERROR)
    retry_event(event)
    assert fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.django_db(transaction=True)
def test_the_delivery_is_committed_before_anything_is_decided(client, store, monkeypatch):
    attempt = ask(make_bill(store))
    seen = []

    def look(*args, **kwargs):
        seen.append((connection.in_atomic_block, len(events())))
        raise RuntimeError

    monkeypatch.setattr(service, "apply_event", look)
    post(client, hook(attempt), body_for(attempt))
    assert seen == [(False, 1)]


def test_no_cookie_session_or_csrf_token_is_needed_or_given(attempt):
    client = Client(enforce_csrf_checks=True)
    answer = post(client, hook(attempt), body_for(attempt))
    assert answer.status_code == 200 and not answer.cookies


def test_no_log_line_holds_the_token_a_phone_or_the_body(client, attempt, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    token = callback_token(attempt.pk)
    monkeypatch.setattr(service, "read_notice", leaky)
    post(client, hook(attempt), body_for(attempt))
    for method in ("get", "put", "head"):
        getattr(client, method)(hook(attempt))
    post(client, hook(attempt), b" " * (MAX_BODY + 1))
    post(client, hook(attempt), b"a=1", "application/x-www-form-urlencoded")
    post(client, f"/hooks/lnm/{token}0/", b"{}")
    post(client, f"/hooks/lnm/{token}/more/", b"{}")
    client.get(hook(attempt), HTTP_HOST="evil.example")
    assert "Method Not Allowed" in caplog.text and "could not be applied" in caplog.text
    everything = caplog.text + "".join(repr(record.__dict__) for record in ours(caplog.records))
    for secret in (token, PHONE, PHONE[3:], "NLJ7RT61SV"):
        assert secret not in everything


def test_the_development_server_masks_the_token_too(caplog):
    logging.getLogger("django.server").propagate = True
    try:
        line = '"%s" %s %s'
        logging.getLogger("django.server").info(line, "POST /hooks/lnm/5f2b1c00aa93/ HTTP/1.1", "200", "41")
    finally:
        logging.getLogger("django.server").propagate = False
    assert "5f2b1c00aa93" not in caplog.text and "/hooks/lnm/…/ HTTP/1.1" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_real_server_takes_a_body_sent_in_chunks_or_says_that_it_cannot(live_server, store):
    attempt = ask(make_bill(store))
    line = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=10)
    body = [body_for(attempt)]
    line.request("POST", hook(attempt), iter(body), {"Content-Type": JSON}, encode_chunked=True)
    assert line.getresponse().status in (200, 411)
    line.close()


PRODUCTION = """
import django
django.setup()
from django.test import Client
for path in ("/hooks/lnm/{token}/", "/hooks/lnm/{token}"):
    for host in ("shop.example", "shop.example:443"):
        for scheme in ({{}}, {{"HTTP_X_FORWARDED_PROTO": "https"}}):
            answer = Client(raise_request_exception=False).post(
                path, data=b"{{}}", content_type="application/json", HTTP_HOST=host, **scheme)
            print(answer.status_code)
"""


def test_under_production_settings_no_callback_is_redirected(tmp_path):
    """Nothing is migrated there, so that 503 is the view's own answer: it was reached."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "SECRET_KEY": "k" * 60,
        "ENCRYPTION_KEYS": "a2V5LW9mLWEtdGVzdC1rZXktb2YtYS10ZXN0LWtleSE=",
        "ALLOWED_HOSTS": "shop.example",
        "BASE_URL": "https://shop.example",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "PATH": "/usr/bin:/bin",
    }
    code = PRODUCTION.format(token="0" * 32)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=project.BASE_DIR, capture_output=True, text=True
    )
    assert set(done.stdout.split()) == {"503"}, done.stdout + done.stderr


def leaky(*args, **kwargs):
    raise ValueError(f"a row with {PHONE} in it")


def ours(records):
    """Django's queries are logged with their values in tests only (DEBUG)."""
    return [record for record in records if not record.name.startswith("django.db")]


def deliver_raw(attempt, body, **environ):
    """Call the view as a server would, with these entries in its environment; no length unless given."""
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    base = RequestFactory()._base_environ(PATH_INFO=hook(attempt), REQUEST_METHOD="POST")
    base |= {"wsgi.input": stream, "CONTENT_TYPE": JSON, **environ}
    return stk_callback(WSGIRequest(base), token=callback_token(attempt.pk))


def test_the_acknowledgement_is_what_safaricom_expects(client, attempt):
    answer = post(client, hook(attempt), body_for(attempt))
    assert json.loads(answer.content)["ResultCode"] == 0
    assert answer["Content-Type"] == "application/json"
