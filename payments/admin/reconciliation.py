"""The page that compares the statements of an account with the books, and leads to what settles each line."""

from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from backoffice.money import format_money
from backoffice.people.backend import businesses_with
from backoffice.people.models import Business
from payments.services.findings import Kind
from payments.services.reconciliation import differences, oldest_open, sources_of
from payments.statement_dialogs import BookLineDialog, ExplainPaymentDialog, ParkLineDialog

MOST_DAYS = 92
# No statement is of other days, and beyond the years 1 and 9999 there is no day before or after one.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
# What a window settles: of the line, and of the payment.
ON_LINES = (Kind.UNBOOKED, Kind.AMOUNT, Kind.BACK_UNBOOKED, Kind.BACK_AMOUNT, Kind.ASIDE)
ON_PAYMENTS = (Kind.UNSEEN, Kind.AMOUNT, Kind.BACK_UNSEEN, Kind.BACK_AMOUNT)


def day_field(label):
    return forms.DateField(
        label=label,
        widget=UnfoldAdminSingleDateWidget(attrs={"type": "date"}),
        validators=[
            MinValueValidator(FIRST_DAY, gettext_lazy("Choose a day from the year 2000 on.")),
            MaxValueValidator(LAST_DAY, gettext_lazy("Choose a day up to the year 2100.")),
        ],
    )


class PeriodForm(forms.Form):
    """Which account and which days; yesterday of the first account unless something else is asked."""

    source = forms.ChoiceField(label=gettext_lazy("Account"), widget=UnfoldAdminSelectWidget)
    first = day_field(gettext_lazy("From"))
    last = day_field(gettext_lazy("To"))

    def __init__(self, asked, *, sources):
        self.sources = {source_key(each): each for each in sources}
        first = next(iter(sources))
        yesterday = datetime.now(first.business.clock).date() - timedelta(days=1)
        usual = {"source": source_key(first), "first": str(yesterday)}
        data = usual | {name: asked[name] for name in ("source", "first", "last") if asked.get(name)}
        data.setdefault("last", data["first"])
        super().__init__(data)
        several = len({each.business for each in sources}) > 1
        self.fields["source"].choices = [
            (key, f"{each.business} · {each}" if several else str(each)) for key, each in self.sources.items()
        ]

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
            raise forms.ValidationError(_("Choose at most %d days, the first before the last.") % MOST_DAYS)

    @property
    def chosen(self):
        return self.sources[self.cleaned_data["source"]]


def source_key(source):
    return f"{source.business.pk}/{source.key}"


class ReconciliationPage:
    """Shows the differences of an account and period; GET only."""

    @method_decorator(require_safe)
    def reconciliation_view(self, request):
        seen = businesses_with(request.user, "payments.view_statementline")
        businesses = Business.objects.filter(pk__in=seen).order_by("name")
        if not businesses:
            raise PermissionDenied
        sources = [source for each in businesses for source in sources_of(each)]
        form = PeriodForm(request.GET, sources=sources)
        shown = self.shown(request, form) if form.is_valid() else {}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reconciliation"),
            "content_title": _("Reconciliation"),
            "form": form,
            "may_load": self.has_import_permission(request),
            "load_url": reverse("admin:payments_statementline_import"),
            "lines_url": reverse("admin:payments_statementline_changelist"),
            "media": self.media + form.media,
            **shown,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "payments/reconciliation.html", context)

    def shown(self, request, form):
        """Return what the page says of the account and period."""
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        found = differences(form.chosen, first, last)
        currency = form.chosen.business.currency
        return {
            "found": found,
            "sums": [
                (_("In the statement"), format_money(found.statement, currency)),
                (_("In the books"), format_money(found.books, currency)),
                (_("Difference"), format_money(found.difference, currency)),
            ],
            "groups": [
                (Kind(kind).label, [shown_finding(request.user, each, currency) for each in findings])
                for kind, findings in found.by_kind
            ],
            "apart": [
                (name, format_money(came, currency), format_money(went, currency))
                for name, (came, went) in found.apart.items()
            ],
            "oldest": oldest_open(form.chosen),
        }

    def reconciliation_url(self, source, first, last):
        asked = {"source": source_key(source), "first": first, "last": last}
        return f"{reverse('admin:payments_statementline_reconciliation')}?{urlencode(asked)}"


def shown_finding(user, finding, currency):
    """Return a row of the page: what, when, how much on each side, and the buttons that settle it."""
    line, payment, refund = finding.line, finding.payment, finding.refund
    return {
        "when": line.happened_at if line else refund.done_at if refund else payment.paid_at,
        "receipt": receipt_of(finding) or _("no receipt"),
        "line": line,
        "payment": payment,
        "told": (line.counterparty or line.details) if line else payment.payer_name,
        "in_statement": money_or_none(finding.in_statement, currency),
        "in_books": money_or_none(finding.in_books, payment.currency if payment else currency),
        "note": finding.note,
        "buttons": buttons(user, finding),
    }


def receipt_of(finding):
    """Return the number of what went back, or else of what came."""
    told = (finding.line, "receipt"), (finding.refund, "receipt"), (finding.payment, "transaction_id")
    return next(filter(None, (row and getattr(row, name) for row, name in told)), "")


def money_or_none(amount, currency):
    return "–" if amount is None else format_money(amount, currency)


def buttons(user, finding):
    """Return (address, icon, label) of the windows that settle a finding."""
    offered = []
    if finding.line and finding.kind in ON_LINES:
        offered += [("statementline", each, finding.line) for each in (BookLineDialog, ParkLineDialog)]
    if finding.payment and finding.kind in ON_PAYMENTS:
        offered.append(("payment", ExplainPaymentDialog, finding.payment))
    return [
        (reverse(f"admin:payments_{model}_{dialog.name}", args=[row.pk]), dialog.icon, dialog.label)
        for model, dialog, row in offered
        if dialog.permits(finding, user, row)
    ]
