"""Buttons that open a dialog about one row: GET shows what will happen, POST does it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.errors import REFUSALS, refusal_text


class RowDialog(forms.Form):
    """A dialog about one row. Subclasses name the right it needs and say what it does."""

    name = ""
    label = ""
    icon = "edit"
    permission = ""
    submit_text = ""
    harmful = False
    # What most rows need next stands out; what few need is in the menu "More".
    usual = False
    rare = False
    # Whether its button stands in a panel of the page, beside what it is about, and not at the top.
    in_panel = False

    def __init__(self, *args, row, request, **kwargs):
        self.row, self.request = row, request
        # The page behind the dialog may have fields of the same names.
        super().__init__(*args, auto_id="dialog_%s", **kwargs)

    @classmethod
    def is_available(cls, row, user):
        """Whether the button is shown for this row and person."""
        return user.has_perm(cls.permission, row)

    def effects(self):
        """Sentences that say what will happen, before it does."""
        return []

    def apply(self, *, by):
        """Do it, through a service. Returns the sentence that says it is done; raises RuleBroken."""
        raise TypeError(f"{type(self).__name__} has no apply().")


class MoveDialog(RowDialog):
    """The dialog of a status move; `move` is set on the subclass made for each move."""

    move = None
    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=100, widget=UnfoldAdminTextInputWidget
    )

    @classmethod
    def is_available(cls, row, user):
        return row.status in cls.move.sources and user.has_perm(cls.permission, row)

    def effects(self):
        return self.move.effects(self.row)

    def apply(self, *, by):
        row = self.move.run(self.row, by=by, **self.cleaned_data)
        return _("%(row)s is now %(status)s.") % {"row": row, "status": row.get_status_display().lower()}


def dialog_action(dialog_class):
    """Return the admin method (an Unfold detail action) that shows and applies a dialog."""

    def run(self, request, object_id):
        row = self.get_row(request, object_id)
        if not request.user.has_perm(dialog_class.permission, row):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        form = dialog_class(data, row=row, request=request)
        if data is not None and form.is_valid():
            try:
                done = form.apply(by=request.user)
            except REFUSALS as error:
                form.add_error(None, refusal_text(error))
            else:
                messages.success(request, done)
                return HttpResponse(headers={"HX-Redirect": self.dialog_done_url(request, row)})
        return render(request, "backoffice/dialog.html", {"form": form, "row": row})

    run.__name__ = dialog_class.name
    made = action(
        description=dialog_class.label,
        url_path=f"do-{dialog_class.name.replace('_', '-')}",
        icon=dialog_class.icon,
        variant=variant_of(dialog_class),
    )(run)
    # The theme opens an action in its modal window when it has a dialog; ours renders itself.
    made.dialog = {"title": dialog_class.label}
    made.dialog_class = dialog_class
    return made


def variant_of(dialog_class):
    """Return the colours of a button."""
    if dialog_class.harmful:
        return ActionVariant.DANGER
    return ActionVariant.PRIMARY if dialog_class.usual else ActionVariant.DEFAULT


def move_dialog(move):
    """Return the admin method for a status move; its form may be the move's own or the usual one."""
    base = import_string(move.form) if move.form else MoveDialog
    fields = {
        "move": move,
        "name": move.name,
        "label": move.label,
        "icon": move.icon,
        "permission": move.permission,
        "submit_text": move.label,
        "harmful": move.harmful,
        "usual": move.usual and not move.harmful,
    }
    return dialog_action(type(base)(f"{move.name.title()}Dialog", (base,), fields))
