"""What each column of a file means, as a form: what was guessed may be corrected by hand."""

import json
from collections import defaultdict
from dataclasses import dataclass

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import get_column_letter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from backoffice.imports.admin.forms import SupplierField
from backoffice.imports.queries import resource_of
from backoffice.imports.services.mappings import known_suppliers
from backoffice.imports.words import GUESSES
from backoffice.spreadsheets.columns import quoted

# A file with more columns than this is hardly one of ours; the rest that nobody knows are left out.
SHOWN_COLUMNS = 100
LAST_HEADER_ROW = 50
NO_ROW = gettext_lazy("Type the number of a row, from 1 to 50, or 0 when the file has no headings.")


@dataclass(frozen=True)
class FileColumn:
    """A column of the file with the box that says what it means."""

    position: str
    heading: str
    samples: list[str]
    field: forms.BoundField
    guess: str
    how: str


class ColumnsForm(forms.Form):
    """Asks for the meaning of each column; raises no RuleBroken, but says what is missing or there twice."""

    header = forms.IntegerField(
        label=gettext_lazy("Row of the headings"),
        min_value=0,
        max_value=LAST_HEADER_ROW,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value", "required"], NO_ROW),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric", "class": "short-number"}),
        help_text=gettext_lazy("0 when the file has none."),
    )
    decimal_comma = forms.BooleanField(
        label=gettext_lazy("Numbers have a decimal comma: 1.234,50"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, *args, job, **kwargs):
        self.job, self.guess = job, job.report.get("guess", {})
        self.headings = shown_headings(self.guess)
        self.targets = resource_of(job)(job.business).columns
        super().__init__(*args, initial=self.first_values(), **kwargs)
        self.suppliers = known_suppliers(job.business_id, job.resource)
        self.add_fields()

    def first_values(self):
        """What was chosen before, else what was guessed."""
        columns = self.job.options.get("columns") or self.guess.get("columns", {})
        return {
            "sheet": self.guess.get("sheet", ""),
            "header": self.guess.get("header", 1),
            "decimal_comma": self.job.options.get("decimal_comma", self.guess.get("decimal_comma", False)),
            "supplier": self.job.supplier,
            **{f"column_{position}": columns.get(position, "") for position in self.headings},
        }

    def add_fields(self):
        sheets = self.guess.get("sheets", [])
        if len(sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), choices=[(each, each) for each in sheets], widget=UnfoldAdminSelectWidget
            )
        self.fields["supplier"] = SupplierField()
        choices = [("", _("Leave out")), *((name, each.column_name) for name, each in self.targets.items())]
        for position in self.headings:
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=_("Meaning of %s") % self.heading(position),
                choices=choices,
                required=False,
                widget=UnfoldAdminSelectWidget,
            )

    def heading(self, position):
        return self.headings[position] or _("Column %s") % get_column_letter(int(position))

    # What the template shows

    @cached_property
    def rows(self):
        return [
            FileColumn(
                position=position,
                heading=self.heading(position),
                samples=self.guess.get("samples", {}).get(position, [])[:3],
                field=self[f"column_{position}"],
                guess=self.guess.get("columns", {}).get(position, ""),
                how=GUESSES.get(self.guess.get("how", {}).get(position, ""), ""),
            )
            for position in self.headings
        ]

    @property
    def chosen_as_json(self):
        """{position: name of our column}, as the boxes stand, for the script of the page."""
        return json.dumps({each.position: each.field.value() or "" for each in self.rows})

    @property
    def guess_as_json(self):
        return json.dumps({each.position: each.guess for each in self.rows})

    @property
    def settings(self):
        """The boxes beside those of the columns."""
        return [
            self[name] for name in ("sheet", "header", "supplier", "decimal_comma") if name in self.fields
        ]

    @property
    def needed(self):
        return [(name, each.column_name) for name, each in self.targets.items() if each.needed == "always"]

    @property
    def needed_for_new(self):
        return [(name, each.column_name) for name, each in self.targets.items() if each.needed == "new"]

    @property
    def hidden_columns(self):
        return len(self.guess.get("headings", {})) - len(self.headings)

    # What was sent

    @property
    def sheet(self):
        return self.cleaned_data.get("sheet", self.guess.get("sheet", ""))

    @property
    def is_another_table(self):
        """Whether another sheet or row of headings was chosen, so that the columns are others."""
        was = self.guess.get("sheet", ""), self.guess.get("header", 1)
        return (self.sheet, self.cleaned_data.get("header", was[1])) != was

    @property
    def columns(self):
        """Return {position: name of our column}, with "" for those that are left out."""
        return {position: self.cleaned_data.get(f"column_{position}", "") for position in self.headings}

    def clean(self):
        if self.is_another_table or "read_again" in self.data:
            return
        places = defaultdict(list)
        for position, name in self.columns.items():
            places[name].append(self.heading(position))
        for name, each in self.targets.items():
            if len(places[name]) > 1:
                text = _("%(headings)s cannot both be %(column)s. Leave one of them out.")
                self.add_error(None, text % {"headings": quoted(places[name]), "column": each.column_name})
            elif each.needed == "always" and not places[name]:
                text = _("No column of the file is %s. Without it nobody knows what a row is about.")
                self.add_error(None, text % each.column_name)


def shown_headings(guess):
    """Return {position: heading} of the columns to ask about: those that were recognised before others."""
    headings, known = guess.get("headings", {}), guess.get("columns", {})
    shown = sorted(headings, key=lambda position: not known.get(position))[:SHOWN_COLUMNS]
    return {position: headings[position] for position in headings if position in set(shown)}
