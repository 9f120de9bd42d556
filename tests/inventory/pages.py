"""How tests ask for the pages of the catalogue and read what comes back."""

import re

from django.urls import reverse

from inventory.models import StockLevel, Warehouse


def url(model, page, *args):
    return reverse(f"admin:inventory_{model}_{page}", args=args)


def shown(response):
    """The primary keys of the rows on a list page."""
    assert response.status_code == 200
    return {row.pk for row in response.context["cl"].result_list}


def errors(response):
    """What a form page says about a refused form."""
    assert response.status_code == 200
    return str(response.context["errors"])


def was_done(response):
    """Whether a dialog did what it is for; refused, it shows itself again."""
    assert response.status_code == 200
    return "HX-Redirect" in response.headers


def opened(client, dialog):
    """Open a dialog; returns what its form would send untouched."""
    page = client.get(dialog).content.decode()
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def store(business):
    return Warehouse._base_manager.get(business=business, is_default=True)


def back_room(business):
    return Warehouse._base_manager.create(business=business, name="Back room")


def level_of(product):
    return StockLevel._base_manager.get(product=product, warehouse=store(product.business))
