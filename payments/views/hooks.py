"""What the addresses for providers have in common: a POST is stored, committed, answered, then decided."""

from contextlib import suppress
from functools import wraps
from queue import Empty, Full, Queue
from threading import Lock

from django.conf import settings
from django.db import Error, transaction
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from backoffice.addresses import client_address
from payments.services.deliveries import store_delivery
from payments.services.events import process_event
from payments.services.senders import is_safaricom
from payments.views.body import Refused

# Deliveries of this process that were acknowledged and not decided yet.
UNDECIDED = Queue(maxsize=1000)
DECIDING = Lock()


def hook(take):
    """Make an address of a function (request, token) that returns the answer and may raise Refused.

    Unknown token 404, too long 413, a form 415, not stored 503. What was stored is acknowledged, whatever it
    means; the provider's login, cookies and a redirect have no place here.
    """

    @csrf_exempt
    @require_POST
    @transaction.non_atomic_requests
    @wraps(take)
    def view(request, token):
        try:
            return take(request, token)
        except Refused as refused:
            return HttpResponse(status=refused.status)
        except Error:  # the database is away: the provider may try again, and must not think that we have it
            return HttpResponse(status=503, headers={"Retry-After": "5"})

    view.login_required = False
    view.is_hook = True
    return view


def found(thing):
    """Let what an address belongs to pass; raises Refused when it belongs to nothing."""
    if thing is None:
        raise Refused(404)
    return thing


def require_safaricom(request):
    """Raise Refused for another sender than Safaricom, where the settings say that this decides."""
    if settings.MPESA_ENFORCE_ADDRESSES and not is_safaricom(client_address(request)):
        raise Refused(403)


def keep(request, addressee, answer=b"", **delivery):
    """Store a delivery and acknowledge it. One that is there already costs nothing more."""
    event = store_delivery(
        addressee,
        content_type="".join(letter for letter in request.content_type if letter.isprintable()),
        source_ip=client_address(request),
        **delivery,
    )
    return Acknowledgement(event, answer)


class Acknowledgement(HttpResponse):
    """Tells the provider that its delivery is kept; the delivery is decided once that was sent."""

    def __init__(self, event, answer):
        super().__init__(answer, content_type="application/json")
        self.event = event

    def close(self):
        """Decide. The server calls this when the last byte of the answer has left."""
        try:
            if self.event:
                decide_in_turn(self.event)
        finally:
            super().close()


def decide_in_turn(event):
    """Decide a delivery, or leave it to the thread of this process that is deciding already.

    In a flood one thread decides, and the others are free to take deliveries in. What finds the queue full,
    or is lost with its process, is due in its row, and the worker's sweep takes it up.
    """
    with suppress(Full):
        UNDECIDED.put_nowait(event)
    while not UNDECIDED.empty() and DECIDING.acquire(blocking=False):
        try:
            with suppress(Empty):
                while True:
                    process_event(UNDECIDED.get_nowait())
        finally:
            DECIDING.release()
