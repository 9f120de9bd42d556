"""Yardstick: the address for callbacks as it is usually written, by get_or_create, a lock and two saves.

It checks neither the ids nor the order, books no allocation, and believes everything. The order gets a note
instead of its status, which costs as much: the guards refuse a paid order without the money used for it.
"""

import hashlib
import json

from django.db import transaction
from django.http import Http404, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from backoffice.scoping import business_scope
from backoffice.urls import urlpatterns as addresses
from payments.models import EventOutcome, Payment, PaymentAttempt, WebhookEvent
from payments.services.tokens import hash_token
from sales.models import Order


@csrf_exempt
@require_POST
def naive_callback(request, token):
    attempt = PaymentAttempt._base_manager.filter(token_hash=hash_token(token)).first()
    if attempt is None:
        raise Http404
    with business_scope(attempt.business_id), transaction.atomic():
        take(attempt, request.body)
    return JsonResponse({"ResultCode": 0, "ResultDesc": "Accepted"})


naive_callback.login_required = False


def take(attempt, body):
    told = json.loads(body)["Body"]["stkCallback"]
    now = timezone.now()
    event, is_new = WebhookEvent.objects.get_or_create(
        dedupe_key=hashlib.sha256(body).hexdigest(),
        defaults={
            "business_id": attempt.business_id,
            "attempt": attempt,
            "provider": attempt.provider,
            "body": body,
            "received_at": now,
        },
    )
    if not is_new or told["ResultCode"] != 0:
        return
    items = {item["Name"]: item.get("Value") for item in told["CallbackMetadata"]["Item"]}
    payment = Payment.objects.select_for_update().get(pk=attempt.payment_id)
    payment.status, payment.paid_at, payment.free = "successful", now, payment.amount
    payment.transaction_id = items["MpesaReceiptNumber"]
    payment._change_reason = "paid"
    payment.save()
    order = Order.objects.get(pk=attempt.order_id)
    order.note = "paid"
    order._change_reason = "paid"
    order.save()
    event.outcome, event.processed_at, event.payment = EventOutcome.APPLIED, now, payment
    event.save(update_fields=["outcome", "processed_at", "payment"])


urlpatterns = [path("naive/<str:token>/", naive_callback), *addresses]
