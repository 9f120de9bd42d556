"""Reading what was posted: never more than a hook takes, and nothing that is not a whole body."""

from django.http import UnreadablePostError

MAX_BODY = 64 * 1024  # of M-Pesa
MAX_WEBHOOK = 256 * 1024  # of Stripe and PayPal
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Refused(Exception):
    """The delivery is not taken; `status` is the HTTP status that says why."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


def read_body(request, limit=MAX_BODY):
    """Return the body, never more than `limit` bytes of it; raises Refused.

    A body without a length (chunked) is read where the server marks its end, as gunicorn does.
    """
    if request.content_type in FORMS:
        raise Refused(415)
    length = request.META.get("CONTENT_LENGTH") or ""
    stream = request
    if not length and request.META.get("wsgi.input_terminated"):
        stream = request.META["wsgi.input"]
    elif not (length.isascii() and length.isdecimal()):
        raise Refused(411)
    elif len(length) > 9 or int(length) > limit:
        raise Refused(413)
    try:
        body = stream.read(limit + 1)
    except (UnreadablePostError, OSError) as error:  # the line broke
        raise Refused(400) from error
    if len(body) > limit:
        raise Refused(413)
    if length and len(body) < int(length):  # cut short on the way
        raise Refused(400)
    return body
