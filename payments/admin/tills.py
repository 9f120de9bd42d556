from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin, BackOfficeInline
from backoffice.filters import InclusiveDateFilter
from backoffice.money import format_money, money_cell
from payments.admin.read_only import ReadOnly
from payments.models import CashMovement, TillSession, TillStatus
from payments.models.till import worth_of
from payments.services.counting import refused_counts, say_difference
from payments.till_dialogs import CloseTillDialog, MoveCashDialog
from payments.words import pill

ENDED = ["closed_by", "closed_at", "approved_by"]
COLOURS = {TillStatus.OPEN: "info", TillStatus.REVIEW: "warning", TillStatus.CLOSED: "success"}


class MovementInline(ReadOnly, BackOfficeInline):
    model = CashMovement
    fields = ["created_at", "reason", "money", "handed_over", "payment", "note", "by"]
    readonly_fields = fields
    hide_title = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("session", "payment", "by")

    @display(description=_("amount"))
    def money(self, movement):
        return money_cell(movement.amount, movement.session.currency)

    @display(description=_("handed over"))
    def handed_over(self, movement):
        return money_cell(movement.handed, movement.session.currency)


@admin.register(TillSession)
class TillAdmin(ReadOnly, BackOfficeAdmin):
    """Who answered for which drawer, what came and went, and what was counted.

    What is expected is not told before the count: a number that is known is found. What was counted and
    refused before is shown for the same reason.
    """

    list_display = ["opened_at", "drawer", "opened_by", "status_pill", "counted_money", "told"]
    list_select_related = ["drawer", "opened_by"]
    list_filter = [("status", ChoicesDropdownFilter), ("opened_at", InclusiveDateFilter)]
    search_fields = ["drawer__name", "opened_by__email", "opened_by__first_name", "opened_by__last_name"]
    search_help_text = _("Drawer or person")
    dialogs = [MoveCashDialog, CloseTillDialog]
    preview_related = ["drawer", "opened_by"]
    inlines = [MovementInline]
    fieldsets = [
        (None, {"fields": ["status_pill", "drawer", "opened_by", "opened_at", "float_told"]}),
        (
            _("Count"),
            {"fields": ["counted_told", "told", "explanation", "earlier", *ENDED]},
        ),
    ]
    readonly_fields = ["status_pill", "float_told", "counted_told", "told", "earlier"]
    empty_title = _("No till was opened yet")
    empty_text = _("Open one under Cash drawers: count the float, take cash, count again.")

    def get_queryset(self, request):
        sessions = super().get_queryset(request).select_related("drawer", "opened_by")
        return sessions.annotate(is_recounted=Exists(refused_counts().filter(id=OuterRef("pk"))))

    @display(description=_("status"), ordering="status")
    def status_pill(self, session):
        return pill(session.get_status_display(), COLOURS[session.status])

    @display(description=_("counted"), ordering="counted")
    def counted_money(self, session):
        return money_cell(session.counted, session.currency)

    @display(description=_("difference"), ordering="difference")
    def told(self, session):
        if session.difference is None:
            return "–"
        told = say_difference(session.difference, session.currency)
        return _now("%s; counted more than once") % told if session.is_recounted else told

    @display(description=_("counted before"))
    def earlier(self, session):
        """What was counted, differed, and was counted again."""
        rows = refused_counts().filter(id=session.pk)
        return format_html_join("\n", "<p>{}</p>", [[tell_refused(each)] for each in rows]) or "–"

    @display(description=_("float"))
    def float_told(self, session):
        return tell_counts(session.opening_float, session.float_counts, session.currency)

    @display(description=_("counted"))
    def counted_told(self, session):
        if session.counted is None:
            return "–"
        counted = tell_counts(session.counted, session.counts, session.currency)
        expected = format_money(session.expected, session.currency)
        return _now("%(counted)s; %(expected)s expected") % {"counted": counted, "expected": expected}


def tell_refused(row):
    """Return a count that was refused as staff read it, with when and by whom."""
    counted = tell_counts(worth_of(row.counts), row.counts, row.currency)
    when = date_format(timezone.localtime(row.history_date), "DATETIME_FORMAT")
    return f"{counted}: {when}, {row.history_user or '–'}"


def tell_counts(amount, counts, currency):
    """Return a count as staff read it: KES 1,250.00 (1 × 1000, 5 × 50)."""
    pieces = sorted(counts.items(), key=lambda each: -float(each[0]))
    told = ", ".join(f"{number} × {worth}" for worth, number in pieces)
    return f"{format_money(amount, currency)} ({told})" if told else format_money(amount, currency)
