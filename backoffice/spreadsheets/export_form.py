"""What is asked before an export, and when the answer is no: how many rows, in which format, by whom."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.errors import RuleBroken
from backoffice.models import BusinessOwned
from backoffice.people.backend import businesses_with

EXCEL, CSV = "xlsx", "csv"
FORMATS = [(EXCEL, gettext_lazy("Excel")), (CSV, gettext_lazy("CSV, for other programs"))]
# More rows than that need a right of their own.
MANY = 10_000
# A workbook of more is no pleasure to open; and no list is counted further than this.
MOST_IN_EXCEL = 200_000


class ExportForm(forms.Form):
    """Which rows of the list, in which format. `rows` are those that the list shows."""

    listing = forms.ChoiceField(label=gettext_lazy("Rows"), widget=UnfoldAdminSelectWidget)
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=FORMATS, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args, listings, rows, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.listings, self.rows, self.user = listings, rows, user
        self.fields["listing"].choices = [(str(n), each.name) for n, each in enumerate(listings)]
        if len(listings) == 1:
            del self.fields["listing"]

    def clean(self):
        said = super().clean()
        said["listing"] = self.listings[int(said.get("listing") or 0)]
        if not self.errors:
            try:
                require_may_take(self.user, said["listing"].prepare(self.rows), said["format"])
            except RuleBroken as rule:
                self.add_error("format", str(rule))
        return said


def count_up(rows):
    """Return how many rows there are; it counts no further than the first too many for a workbook."""
    return rows.order_by().values("pk")[: MOST_IN_EXCEL + 1].count()


def require_may_take(user, rows, file_format=CSV):
    """Raise RuleBroken when these are more rows than the person may export, or than the format can hold."""
    count = count_up(rows)
    if count > MANY and count_up(limited(user, rows)) > MANY:
        raise RuleBroken(
            _(
                "These are more than 10,000 rows: only an owner or an accountant may export so many. "
                "Filter or search the list first to export fewer."
            )
        )
    if count > MOST_IN_EXCEL and file_format == EXCEL:
        raise RuleBroken(_("These are too many rows for Excel. Choose CSV, or filter the list first."))


def limited(user, rows):
    """Return those of the rows of which the person may not take many."""
    unlimited = businesses_with(user, "people.export_many")
    if issubclass(rows.model, BusinessOwned):
        return rows.exclude(business__in=unlimited)
    return rows.none() if unlimited else rows
