from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from inventory.models import Product

# Columns that have a service of their own.
WRITTEN_ELSEWHERE = {"price", "stock"}


@transaction.atomic
def save_product(product, *, by, changed=None, reason=""):
    """Save a new product, or the `changed` fields of an existing one; history says who. Returns it.

    Only the named fields are written, so two people who edit different fields both keep their work.
    Raises RuleBroken for a change of price (see change_price), and nothing is saved when nothing changed.
    """
    product._history_user = by
    product._change_reason = str(reason)[:100] or None
    if product._state.adding:
        product.save()
        return product
    changed = list(changed or [])
    if WRITTEN_ELSEWHERE.intersection(changed):
        raise RuleBroken(_("Change the price with the button for it, which asks why."))
    if "slug" in changed and not product.slug:
        changed.append("name")  # save() makes the slug from it
    if changed:
        product.save(update_fields=[*changed, "updated_at"])
    return product


@transaction.atomic
def delete_product(product, *, by):
    """Delete a product that never moved or sold. Raises RuleBroken for any other."""
    product = lock(product)
    if kept_products(Product._base_manager.filter(pk=product.pk)).exists():
        raise RuleBroken(why_kept(product))
    product._history_user = by
    product.delete()


def kept_products(products):
    """Return those of the products that may not be deleted: a stock movement or an order names them."""
    return products.filter(named_by("movements") | named_by("order_items"))


def named_by(relation):
    # By the name of the relation, because orders belong to an app above this one.
    return Exists(Product._base_manager.filter(pk=OuterRef("pk"), **{f"{relation}__isnull": False}))


def why_kept(product):
    return _("%s has stock movements or orders, so it stays. Make it inactive instead.") % product
