"""The tree of the catalogue: saved, moved and deleted here, so that every path stays true."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from inventory.models import Category, Product
from inventory.services.products import kept_products

LONGEST_PATH = Category._meta.get_field("path").max_length or 0


@transaction.atomic
def save_category(category, *, by, reason=""):
    """Save a new or changed category and the paths of everything below it. Returns the category.

    Raises RuleBroken when the new parent lies below the category itself, belongs to another
    business or already holds a category of this name, and when the path gets too long.
    """
    # Two moves at once could each be right alone and close a circle together.
    lock(category.business)
    refuse_wrong_parent(category)
    category._history_user = by
    category._change_reason = str(reason)[:100] or None
    category.path = path_of(category)
    category.save()
    refresh_paths(category)
    return category


@transaction.atomic
def move_category(category, *, parent, by, reason=""):
    """Hang a category, with all that is below it, under another parent (None: the top). Returns it.

    Raises RuleBroken as save_category does, and when the category is already there.
    """
    category = lock(category)
    if category.parent_id == (parent.pk if parent else None):
        raise RuleBroken(_("%s is already there.") % category)
    category.parent = parent
    there = parent.path if parent else _("the top")
    return save_category(category, by=by, reason=reason or _("moved to %s") % there)


@transaction.atomic
def delete_category(category, *, by):
    """Delete a category with everything below it and the products in them that never moved or sold.

    Raises RuleBroken when one of the products has to stay.
    """
    lock(category.business)
    products = Product._base_manager.filter(category__in=category.descendant_ids())
    kept = kept_products(products)
    if count := kept.count():
        raise RuleBroken(
            ngettext(
                "%(category)s stays: %(count)d product has stock movements or orders (%(example)s).",
                "%(category)s stays: %(count)d products have stock movements or orders (%(example)s, …).",
                count,
            )
            % {"category": category, "count": count, "example": kept[0]}
        )
    category._history_user = by
    category.delete()


def category_from_path(business, path, *, by):
    """Return the category that a path such as `Drinks > Water` names, creating what is missing."""
    parent = None
    for name in split_path(path):
        found = Category._base_manager.filter(business=business, parent=parent, name__iexact=name).first()
        parent = found or save_category(Category(business=business, parent=parent, name=name), by=by)
    if parent is None:
        raise RuleBroken(_("A category needs a name."))
    return parent


def split_path(path):
    return [part.strip() for part in path.split(Category.SEPARATOR.strip()) if part.strip()]


def path_of(category):
    parent = category.parent
    path = f"{parent.path}{Category.SEPARATOR}{category.name}" if parent else category.name
    if len(path) > LONGEST_PATH:
        raise RuleBroken(_("The tree gets too deep here: a path may have %d letters.") % LONGEST_PATH)
    return path


def refuse_wrong_parent(category):
    parent = category.parent
    if parent and parent.business_id != category.business_id:
        raise RuleBroken(_("%s belongs to another business.") % parent)
    if parent and not category._state.adding and parent.pk in category.descendant_ids():
        raise RuleBroken(_("A category cannot be moved into itself or below itself."))
    siblings = Category._base_manager.filter(business=category.business_id, parent=parent)
    if siblings.filter(name=category.name).exclude(pk=category.pk).exists():
        raise RuleBroken(_("There is already a category “%s” here.") % category.name)


def refresh_paths(category):
    """Write the paths below a category anew, level by level; the path is derived, so it has no history."""
    for child in Category._base_manager.filter(parent=category):
        child.parent = category
        path = path_of(child)
        if child.path != path:
            child.path = path
            Category._base_manager.filter(pk=child.pk).update(path=path)
            refresh_paths(child)
