"""The control: the same deliveries taken the way a tutorial does, without keys, locks or comparisons.

Whatever is delivered last counts, whoever delivers it.
"""

import json

from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from benchmarks.office import open_office

open_office()

from django.conf import settings  # noqa: E402

from backoffice.scoping import every_business  # noqa: E402
from payments.models import PaymentAttempt  # noqa: E402


@csrf_exempt
def take(request, token):
    """Believe the delivery and write down what it says."""
    callback = json.loads(request.body)["Body"]["stkCallback"]
    with every_business():
        found = PaymentAttempt._base_manager.select_related("order")
        attempt = found.get(checkout_request_id=callback["CheckoutRequestID"])
        paid = callback["ResultCode"] == 0
        attempt.status = "succeeded" if paid else "failed"
        attempt.save()
        if paid:
            order = attempt.order
            order.status, order.paid_at = "paid", timezone.now()
            order._change_reason = "paid"
            order.save()
    return JsonResponse({"ResultCode": 0})


urlpatterns = [path("hooks/lnm/<str:token>/", take), path("", include("backoffice.urls"))]
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
