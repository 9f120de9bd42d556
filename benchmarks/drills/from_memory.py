"""The control: each clerk sells from the stock that he saw before his order came to its turn."""

import time
from threading import local

from django.core.wsgi import get_wsgi_application

from benchmarks.office import open_office

open_office()

from inventory.models import StockLevel  # noqa: E402
from inventory.services import stock  # noqa: E402

office, seen = get_wsgi_application(), local()


def change_from_memory(level, change):
    reserved = seen.level.reserved + change.reserved
    if reserved > seen.level.quantity:
        return False
    return bool(StockLevel._base_manager.filter(pk=level.pk).update(reserved=reserved))


def application(environ, start_response):
    if environ["PATH_INFO"].startswith("/admin/"):
        seen.level = StockLevel._base_manager.get()
        time.sleep(0.02)
    return office(environ, start_response)


stock.change_level = change_from_memory
