"""Where the customer's browser comes back to from a payment page. Never a proof of payment."""

from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from payments.models import PaymentAttempt
from payments.services.looking import look_soon


@require_safe
def came_back(request, attempt_id):
    """Thank the customer, whatever happened, and have the provider asked what did."""
    attempt = get_object_or_404(PaymentAttempt._base_manager.select_related("business"), pk=attempt_id)
    if not attempt.is_prompt and attempt.is_awaited and attempt.checkout_request_id:
        with transaction.atomic():
            look_soon(attempt)
    return render(request, "payments/thanks.html", {"business": attempt.business})
