from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

# Written with every change, and no news to anybody.
UNTOLD = {"id", "created_at", "updated_at"}


class ReadOnlyHistory(SimpleHistoryAdmin):
    """The history of a row: readable by those who may see the row, and never writing."""

    def history_view(self, request, object_id, extra_context=None):
        self.get_row(request, object_id)
        if not hasattr(self.model, "history"):
            raise Http404
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        self.get_row(request, object_id)
        if not hasattr(self.model, "history"):
            raise Http404
        if request.method not in ("GET", "HEAD") or not version_id.isdecimal() or len(version_id) > 18:
            raise PermissionDenied
        request.history_is_readonly = True
        version = self.model.history.filter(pk=version_id).first()
        context = {"version_date": version and version.history_date, **(extra_context or {})}
        return super().history_form_view(request, object_id, version_id, context)

    def render_change_form(self, request, context, *args, **kwargs):
        """Append-only rows have no history, and no button that leads there."""
        context["show_history"] = context.get("show_history") and hasattr(self.model, "history")
        return super().render_change_form(request, context, *args, **kwargs)

    def revert_disabled(self, request, obj=None):
        return True

    def set_history_delta_changes(self, request, historical_records, foreign_keys_are_objs=True):
        """Say of each row what differs from the one before.

        The package leaves out what no form shows, and so the status and the total of an order.
        """
        for newer, older in pairwise(historical_records):
            newer.history_delta_changes = list(changes_between(older, newer))


def changes_between(older, newer):
    """Yield {field, old, new} in words for every field in which two history rows differ."""
    for field in newer.tracked_fields:
        if field.name in UNTOLD or getattr(older, field.attname) == getattr(newer, field.attname):
            continue
        yield {
            "field": capfirst(field.verbose_name),
            "old": in_words(older, field),
            "new": in_words(newer, field),
        }


def in_words(record, field):
    """Return a value of a history row as staff read it."""
    value = getattr(record, field.name)
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    # What is no choice, such as the columns of a file, may be of a kind that no dictionary looks up.
    word = dict(field.flatchoices).get(value, value) if field.choices else value
    return Truncator(str(word)).chars(200)
