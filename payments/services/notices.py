"""Reading a stored delivery: the road by which it came says what shape it has."""

from payments.gateways.gateway import Kind
from payments.gateways.mpesa import (
    read_callback,
    read_confirmation,
    read_queue_timeout,
    read_result,
    read_validation,
)
from payments.models import Channel
from payments.services.accounts import gateway_for


def read_notice(event):
    """Return what a delivery says. Raises Unreadable, and RuleBroken while its account lacks something."""
    return READERS[event.channel](event, bytes(event.body))


READERS = {
    Channel.STK: lambda event, body: read_callback(body, received_at=event.received_at).as_notice(),
    Channel.C2B: lambda event, body: read_confirmation(body, received_at=event.received_at),
    Channel.CHECK: lambda event, body: read_validation(body),
    Channel.RESULT: lambda event, body: read_result(
        body, received_at=event.received_at, kind=Kind.STATUS if event.about_id else None
    ),
    Channel.TIMEOUT: lambda event, body: read_queue_timeout(
        body, kind=Kind.STATUS if event.about_id else Kind.REFUND
    ),
    Channel.WEBHOOK: lambda event, body: gateway_for(event.provider, event.account).read(
        body, received_at=event.received_at
    ),
}
