from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.http.request import validate_host

from payments.gateways.mpesa.messages import FORBIDDEN_WORDS


@register(Tags.security, deploy=True)
def check_callbacks_can_arrive(app_configs, **kwargs):
    """Refuse a public address to which Safaricom could not, or would not, deliver a callback."""
    if not settings.MPESA["consumer_key"]:
        return []
    address = urlsplit(settings.BASE_URL)
    word = next((each for each in FORBIDDEN_WORDS if each in settings.BASE_URL.lower()), "")
    faults = {
        "BASE_URL must begin with https://: Safaricom calls no other address.": address.scheme != "https",
        "The host of BASE_URL is not in ALLOWED_HOSTS: callbacks would be refused.": not validate_host(
            address.hostname or "", settings.ALLOWED_HOSTS
        ),
        f"BASE_URL contains “{word}”, a word that Safaricom refuses in an address.": bool(word),
    }
    return [Error(text, id="payments.E001") for text, is_fault in faults.items() if is_fault]
