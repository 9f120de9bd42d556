from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from backoffice.imports.queries import businesses_to_import
from backoffice.imports.services.mappings import known_suppliers
from backoffice.people.models import Business

MOST_BYTES = 50 * 1024 * 1024
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".ods", ".xls")
TOO_LARGE = gettext_lazy("This file is larger than %s. Split it, or save it as CSV, which is smaller.")
WRONG_KIND = gettext_lazy("This is no spreadsheet. Choose a file that ends in .csv, .xlsx, .ods or .xls.")


class SupplierField(forms.CharField):
    """Whose columns these are; names that are remembered are offered."""

    def __init__(self, **kwargs):
        super().__init__(
            label=_("Remember the columns as"),
            required=False,
            max_length=100,
            widget=UnfoldAdminTextInputWidget(attrs={"list": "suppliers", "autocomplete": "off"}),
            help_text=_("The supplier, for example. The next file of the same name needs no choosing."),
            **kwargs,
        )


class UploadForm(forms.Form):
    """Asks for the file, for the business when there is a choice, and for what the resource wants to know."""

    business = forms.ModelChoiceField(
        label=gettext_lazy("Import into"),
        queryset=Business.objects.none(),
        empty_label=gettext_lazy("Choose a business"),
        widget=UnfoldAdminSelectWidget,
        error_messages={"invalid_choice": gettext_lazy("You cannot import into this business.")},
    )
    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS), "class": "drop-input"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty."),
        },
    )

    def __init__(self, *args, user, resource, **kwargs):
        super().__init__(*args, **kwargs)
        self.resource = resource
        businesses = businesses_to_import(user, resource)
        self.suppliers = sorted(
            {name for each in businesses for name in known_suppliers(each, resource.name)}, key=str.casefold
        )
        self.fields["business"].queryset = businesses
        self.only = businesses[0] if len(businesses) == 1 else None
        if self.only:
            self.fields["business"].required = False
            self.fields["business"].widget = forms.HiddenInput()
        self.fields["supplier"] = SupplierField()
        for name, (label, help_text, initial) in resource.choices.items():
            self.fields[name] = forms.BooleanField(
                label=label,
                help_text=help_text,
                initial=initial,
                required=False,
                widget=UnfoldBooleanSwitchWidget,
            )

    def clean_business(self):
        return self.cleaned_data["business"] or self.only

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE % filesizeformat(MOST_BYTES))
        if not file.name.lower().endswith(ENDINGS):
            raise forms.ValidationError(WRONG_KIND)
        return file

    @property
    def options(self):
        return {name: self.cleaned_data[name] for name in self.resource.choices}
