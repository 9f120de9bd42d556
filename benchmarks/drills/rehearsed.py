"""The office as in production, but for what stands in the place of the world around it.

DRILL_PAYPAL is the address of a pretend PayPal; DRILL_PATIENCE says how long statements wait at PostgreSQL.
"""

import os

from django.core.wsgi import get_wsgi_application

from benchmarks.office import open_office

open_office()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402

from payments.gateways.paypal import PaypalConfig, PaypalGateway  # noqa: E402
from payments.models import Provider  # noqa: E402
from payments.services import accounts  # noqa: E402


def pretend_paypal(account):
    values = accounts.secrets_of(account, accounts.PAYPAL_SECRETS) | {"base_url": os.environ["DRILL_PAYPAL"]}
    return PaypalGateway(PaypalConfig(merchant_id=account.identifier, allow_http=True, **values), cache)


if "DRILL_PAYPAL" in os.environ:
    accounts.BUILDERS[Provider.PAYPAL] = pretend_paypal
if "DRILL_PATIENCE" in os.environ:
    settings.DATABASES["default"]["OPTIONS"]["options"] = os.environ["DRILL_PATIENCE"]
application = get_wsgi_application()
