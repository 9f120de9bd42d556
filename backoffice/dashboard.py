"""Today, the index page: cards that the apps offer, named in settings.DASHBOARD_CARDS.

A card that counts rows takes them from a Shortcut, and its link opens the list with the same Shortcut as
its filter: the number on the card and the rows of the list have one definition.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db.models import Count, DateTimeField, DecimalField, Min, Sum, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from backoffice.money import format_money
from backoffice.people.backend import businesses_with

MONEY = DecimalField(max_digits=20, decimal_places=2)
# With their types: PostgreSQL takes two bare NULLs of a UNION for text.
NO_MONEY = Cast(Value(None), MONEY)
NO_MOMENT = Cast(Value(None), DateTimeField())


@dataclass(frozen=True)
class Shortcut:
    """Rows that staff want to see at one click. `rows(request, queryset)` narrows a scoped queryset.

    `amount` names the column with the money of a row, in the currency of its business; `since` the one that
    says how long a row waits. Only rows that wait for somebody are counted.
    """

    model: str
    name: str
    label: str
    rows: Callable
    amount: str = ""
    since: str = ""
    waits: bool = True

    def permissions(self):
        opts = apps.get_model(self.model)._meta.concrete_model._meta
        return f"{opts.app_label}.view_{opts.model_name}", f"{opts.app_label}.change_{opts.model_name}"

    def is_visible(self, request):
        return bool(businesses_with(request.user, *self.permissions()))

    def queryset(self, request):
        """The rows that the person may see, of the businesses of the active scope."""
        seen = businesses_with(request.user, *self.permissions())
        return self.rows(request, apps.get_model(self.model).objects.filter(business__in=seen))

    def link(self, business=None):
        """The address of the list of exactly these rows."""
        address = f"{list_url(self.model)}?shortcut={self.name}"
        return f"{address}&business={business.pk}" if business else address

    def totals(self, request):
        """Return {business id: (rows, their amount or None, oldest or None)}; asked once per request."""
        if not hasattr(request, "shortcut_totals"):
            request.shortcut_totals = ask_together(request)
        return request.shortcut_totals[self.model, self.name]

    def sums(self, request):
        """A query for the rows of each business: how many, their amount, the oldest, of which shortcut."""
        told = {
            "n": Count("pk"),
            "total": Sum(self.amount, output_field=MONEY) if self.amount else NO_MONEY,
            "oldest": Min(self.since) if self.since else NO_MOMENT,
            "of_model": Value(self.model),
            "of_name": Value(self.name),
        }
        return self.queryset(request).order_by().values("business").annotate(**told)

    def count(self, request):
        return sum(n for n, _total, _oldest in self.totals(request).values())


def ask_together(request):
    """Return the totals of every shortcut that the person may see, by one query: (model, name) to totals."""
    every = [each for of_model in shortcuts().values() for each in of_model if each.waits]
    totals = {(each.model, each.name): {} for each in every}
    asked = [each.sums(request) for each in every if each.is_visible(request)]
    for row in asked[0].union(*asked[1:], all=True) if asked else ():
        totals[row["of_model"], row["of_name"]][row["business"]] = row["n"], row["total"], row["oldest"]
    return totals


@dataclass(frozen=True)
class Card:
    """A piece of the index page. `area` is start, todo, sales or wide; `data` is for its template."""

    title: str
    area: str
    template: str
    data: dict = field(default_factory=dict)


def todo_card(request, shortcut, *, title, icon, calm):
    """Return the card of an exception: how many rows wait, their money, a list per business; or None."""
    if not shortcut.is_visible(request):
        return None
    totals = shortcut.totals(request)
    data = {
        "icon": icon,
        "count": shortcut.count(request),
        "amounts": amounts_by_currency(request, {pk: total for pk, (_n, total, _old) in totals.items()}),
        "oldest": min((oldest for *_rest, oldest in totals.values() if oldest), default=None),
        "link": shortcut.link(),
        "calm": calm,
        "split": [
            (business, totals[business.pk][0], "", shortcut.link(business))
            for business in several_businesses(request)
            if business.pk in totals
        ],
    }
    return Card(title, "todo", "backoffice/cards/todo.html", data)


def shown_businesses(request):
    """The businesses of the active scope: the chosen one, or all of the person's."""
    return [request.business] if request.business else request.businesses


def several_businesses(request):
    """The businesses to split a number by: none when only one is shown."""
    shown = shown_businesses(request)
    return shown if len(shown) > 1 else []


def amounts_by_currency(request, totals):
    """Add up {business id: amount} by currency, as staff read it; amounts of two currencies stay two."""
    sums = defaultdict(int)
    for business in shown_businesses(request):
        if totals.get(business.pk):
            sums[business.currency] += totals[business.pk]
    return [format_money(amount, currency) for currency, amount in sorted(sums.items())]


def list_url(model, page="changelist"):
    """Return the address of a model's list, given as "app.Model"."""
    return reverse(f"admin:{model.lower().replace('.', '_')}_{page}")


@cache
def shortcuts():
    """Return {model label: its Shortcuts}, of all modules that cards are taken from."""
    found = defaultdict(list)
    for name in dict.fromkeys(path.rsplit(".", 1)[0] for path in settings.DASHBOARD_CARDS):
        for each in getattr(import_module(name), "SHORTCUTS", ()):
            found[each.model].append(each)
    return dict(found)


class ShortcutFilter(DropdownFilter):
    """The list filter behind the numbers of the index page."""

    title = gettext_lazy("shortcut")
    parameter_name = "shortcut"

    def lookups(self, request, model_admin):
        return [(each.name, each.label) for each in shortcuts().get(model_admin.opts.label, ())]

    def queryset(self, request, queryset):
        chosen = [
            each for each in shortcuts().get(queryset.model._meta.label, ()) if each.name == self.value()
        ]
        return chosen[0].rows(request, queryset) if chosen else queryset


def show(request, context):
    """Put the cards into the context of the index page (Unfold's DASHBOARD_CALLBACK)."""
    made = [import_string(path)(request) for path in settings.DASHBOARD_CARDS]
    areas = defaultdict(list)
    for card in filter(None, made):
        areas[card.area].append(card)
    context |= {"title": _("Today"), "areas": dict(areas), "now": timezone.localtime()}
    return context
