"""Moves and other dialogs as buttons of a row's page and as actions of the list."""

from types import MethodType

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.bulk import bulk_move_action
from backoffice.dialogs import dialog_action, move_dialog
from backoffice.errors import REFUSALS, RuleBroken, refusal_text


class Buttons:
    """Makes the buttons of the model's MOVES, of `dialogs` and of settings.ROW_DIALOGS."""

    # RowDialog classes that become buttons; other apps add theirs through settings.ROW_DIALOGS.
    dialogs = ()
    # What the previews of moves read of many rows, for prefetch_related().
    preview_related = ()

    def __init__(self, model, admin_site):
        super().__init__(model, admin_site)
        self.moves = [move for move in getattr(model, "MOVES", ()) if move.permission]
        dialogs = [*self.dialogs, *map(import_string, settings.ROW_DIALOGS.get(model._meta.label, ()))]
        buttons = {each.name: dialog_action(each) for each in dialogs}
        buttons |= {move.name: move_dialog(move) for move in self.moves}
        for name, method in buttons.items():
            setattr(self, name, MethodType(method, self))
        rare = [each.name for each in dialogs if each.rare]
        shown = [name for name in buttons if name not in rare]
        menu = {"title": gettext_lazy("More"), "items": rare}
        self.actions_detail = [*self.actions_detail, *shown, menu]

    def dialog_done_url(self, request, row):
        """Where a dialog leads when it is done: the page of the row."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def get_actions_detail(self, request, object_id):
        """Only the buttons that this row and this person allow."""
        row = self.get_object(request, unquote(str(object_id)))
        actions = super().get_actions_detail(request, object_id)
        return [each for each in actions if row is not None and is_available(each, row, request.user)]

    def _get_actions_navigation(self, *args, **kwargs):
        """A menu of one is a button."""
        actions = super()._get_actions_navigation(*args, **kwargs)
        return [each["items"][0] if len(each.get("items", ())) == 1 else each for each in actions]

    def get_actions(self, request):
        actions = super().get_actions(request)
        for move in self.moves:
            if request.user.has_perm(move.permission):
                name = f"bulk_{move.name}"
                actions[name] = (bulk_move_action(move), name, move.label)
        return actions

    def run_each(self, request, rows, service, done, permission=""):
        """Give each row to the service in its own transaction; say what worked and what was refused.

        `done` takes the number of rows that worked and returns a sentence.
        """
        worked = 0
        for row in rows:
            try:
                if permission and not request.user.has_perm(permission, row):
                    raise RuleBroken(_("%s: your role does not allow this.") % row)
                service(row, by=request.user)
            except RuleBroken as rule:
                self.message_user(request, str(rule), messages.ERROR)
            except REFUSALS as error:
                self.message_user(request, f"{row}: {refusal_text(error)}", messages.ERROR)
            else:
                worked += 1
        if worked:
            self.message_user(request, done(worked), messages.SUCCESS)


def is_available(action, row, user):
    dialog = getattr(action.method, "dialog_class", None)
    return dialog is None or (not dialog.in_panel and dialog.is_available(row, user))


def counted(singular, plural):
    """Return a function that says how many: counted("%d order shipped.", "%d orders shipped.")(3)."""
    return lambda n: ngettext(singular, plural, n) % n
