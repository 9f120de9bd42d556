from django.urls import path

from payments.views.back import came_back
from payments.views.mpesa import operation_result, operation_timeout, stk_callback, till_check, till_payment
from payments.views.webhooks import card_hook, paypal_hook

app_name = "payments"
# Safaricom refuses addresses that contain words such as mpesa or query.
HOOKS = {
    "lnm": stk_callback,
    "till": till_payment,
    "check": till_check,
    "result": operation_result,
    "timeout": operation_timeout,
    "card": card_hook,
    "paypal": paypal_hook,
}


def both(word, view):
    """An address with and without the slash: a callback is delivered once, so a redirect would lose it."""
    name = view.__name__
    return [
        path(f"{word}/<str:token>/", view, name=name),
        path(f"{word}/<str:token>", view, name=f"{name}_without_slash"),
    ]


urlpatterns = [
    *(each for word, view in HOOKS.items() for each in both(word, view)),
    path("back/<uuid:attempt_id>/", came_back, name="came_back"),
]
