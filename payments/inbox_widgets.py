"""What the dialogs of the money inbox let one choose from: a short list, and a search that brings others."""

from django import forms
from django.template.loader import render_to_string

PART = "part-"


class SearchedChoice(forms.Widget):
    """Radio buttons and a search; a dialog puts `choices_shown` there: (value, title, details, money)."""

    template = "payments/inbox_choices.html"
    choices_shown = ()
    term = ""
    address = ""
    search_label = ""
    nothing = ""

    def render(self, name, value, attrs=None, renderer=None):
        context = {"name": name, "value": str(value or ""), "widget": self, "id": attrs and attrs.get("id")}
        return render_to_string(self.template, context)

    def id_for_label(self, id_):
        return f"{id_}_search"


class SplitAmounts(SearchedChoice):
    """The same choices, each with an amount; `free` is what there is to give. The value is {key: text}."""

    template = "payments/inbox_split.html"
    free = 0

    def render(self, name, value, attrs=None, renderer=None):
        typed = value or {}
        rows = [(*choice, typed.get(choice[0], "")) for choice in self.choices_shown]
        context = {"name": name, "rows": rows, "part": PART, "widget": self, "id": attrs and attrs.get("id")}
        return render_to_string(self.template, context)

    def value_from_datadict(self, data, files, name):
        return typed_parts(data)

    def value_omitted_from_data(self, data, files, name):
        return not typed_parts(data)


def typed_parts(data):
    """Return {order's key: amount as typed} of a form."""
    return {key.removeprefix(PART): data[key] for key in data if key.startswith(PART) and data[key].strip()}
