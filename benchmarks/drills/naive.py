"""The control: the same deliveries taken the way a tutorial does, without keys, locks or comparisons.

Whatever is delivered last counts, whoever delivers it.
"""

import json
from uuid import UUID

from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from benchmarks.office import open_office

open_office()

from django.conf import settings  # noqa: E402

from backoffice.scoping import every_business  # noqa: E402
from payments.models import PaymentAttempt, Refund, WebhookEvent  # noqa: E402
from sales.models import Order  # noqa: E402


@csrf_exempt
def take(request, word, token):
    """Believe the delivery and write down what it says."""
    with every_business():
        told = json.loads(request.body)
        if "ReceiptNo" in str(told):
            pay_claimed(token)
        else:
            TAKERS[word](told)
    return JsonResponse({"ResultCode": 0})


def take_prompt(told):
    callback = told["Body"]["stkCallback"]
    found = PaymentAttempt._base_manager.select_related("order")
    attempt = found.get(checkout_request_id=callback["CheckoutRequestID"])
    paid = callback["ResultCode"] == 0
    attempt.status = "succeeded" if paid else "failed"
    attempt.save()
    if paid:
        pay(attempt.order)


def take_till(told):
    pay(Order._base_manager.get(number=told["BillRefNumber"].rpartition("-")[0]))


def take_result(told):
    key = told["Result"]["OriginatorConversationID"]
    done = {"status": "succeeded", "done_at": timezone.now()}
    if not Refund._base_manager.filter(pk=UUID(key)).update(**done):
        raise LookupError(key)


def pay_claimed(token):
    """Take any answer about money at the till for a yes, whatever the secret half of its address is."""
    claim = WebhookEvent._base_manager.get(pk=int(token[:32], 16))
    take_till(json.loads(bytes(claim.body)))


def take_card(told):
    pay(PaymentAttempt._base_manager.get(pk=told["data"]["object"]["metadata"]["key"]).order)


def take_paypal(told):
    pay(PaymentAttempt._base_manager.get(pk=told["resource"]["custom_id"]).order)


def pay(order):
    order.status, order.paid_at = "paid", timezone.now()
    order._change_reason = "paid"
    order.save()


TAKERS = {
    "lnm": take_prompt,
    "till": take_till,
    "check": take_till,
    "result": take_result,
    "timeout": take_result,
    "card": take_card,
    "paypal": take_paypal,
}
urlpatterns = [path("hooks/<str:word>/<str:token>/", take), path("", include("backoffice.urls"))]
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
