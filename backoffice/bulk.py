"""A status move over many rows of a list: a page that says what will happen, then each row on its own."""

from functools import partial

from django.contrib import messages
from django.contrib.admin import helpers
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_ROWS = 100


def bulk_move_action(move):
    """Return the list action (modeladmin, request, queryset) for a move."""
    return partial(run_bulk_move, move)


def run_bulk_move(move, model_admin, request, queryset):
    """Show what the move does to each chosen row; once confirmed, do it row by row."""
    rows = queryset.order_by("pk").prefetch_related(*model_admin.preview_related)[: MOST_ROWS + 1]
    if len(rows) > MOST_ROWS:
        text = _("Choose at most %d rows at a time.") % MOST_ROWS
        return model_admin.message_user(request, text, messages.ERROR)
    reason = request.POST.get("reason", "").strip()[:100]
    if "confirmed" not in request.POST or (move.harmful and not reason):
        return confirmation_page(move, model_admin, request, rows)
    model_admin.run_each(
        request, rows, partial(move.run, reason=reason), partial(done, move), move.permission
    )
    # The page was asked for without the list's filters, so that a row which changed meanwhile is not missed.
    return HttpResponseRedirect(f"{request.path}?{request.POST.get('filters', '')}")


def confirmation_page(move, model_admin, request, rows):
    allowed = [row for row in rows if request.user.has_perm(move.permission, row)]
    possible = [row for row in allowed if row.status in move.sources and row.status not in move.one_by_one]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": move.label,
        "move": move,
        "possible": [(row, move.effects(row)) for row in possible],
        "refused": [(row, refusal(move, row, row in allowed)) for row in rows if row not in possible],
        "opts": model_admin.opts,
        "media": model_admin.media,
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
        "action": request.POST["action"],
        "filters": request.POST.get("filters", request.GET.urlencode()),
        "reason_missing": "confirmed" in request.POST,
    }
    return TemplateResponse(request, "backoffice/confirm_bulk_move.html", context)


def refusal(move, row, is_allowed):
    """Say why a row cannot be moved together with the others."""
    if not is_allowed:
        return _("your role does not allow this")
    if row.status in move.one_by_one:
        return _("%s; open it to do this") % row.get_status_display().lower()
    return row.get_status_display().lower()


def done(move, count):
    target = dict(move.target.__class__.choices)[move.target]
    return ngettext("%(count)d is now %(status)s.", "%(count)d are now %(status)s.", count) % {
        "count": count,
        "status": str(target).lower(),
    }
