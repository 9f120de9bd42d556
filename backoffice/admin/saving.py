"""Services refuse; forms show the refusal, with everything that was typed still there."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect

from backoffice.errors import REFUSALS, refusal_text
from backoffice.models import BusinessOwned


class UniqueInBusiness:
    """A form that checks what is unique in a business also where the business is only shown."""

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"business"}


class SavingThroughServices:
    """Saves through save_row(), which a subclass points at its service."""

    def save_model(self, request, obj, form, change):
        """Save what really changed; a form sent as it came leaves no trace in history."""
        if change and not self.has_change_permission(request, obj):
            raise PermissionDenied
        if form.changed_data or not change:
            self.save_row(request, obj, form, change)

    def save_row(self, request, row, form, change):
        """Write the row; a subclass whose rows have rules calls the service here."""
        super().save_model(request, row, form, change)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if issubclass(self.model, BusinessOwned):
            form = type(form)(form.__name__, (UniqueInBusiness, form), {})
        refusal = getattr(request, "refusal", "")
        return refused_form(form, refusal) if refusal else form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the form again, with what was typed, when a service refuses to save it."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS as error:
            if request.method != "POST":
                raise
            request.refusal = refusal_text(error)
            request.refused_parts = getattr(error, "parts", {})
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except REFUSALS as error:
            self.message_user(request, refusal_text(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def refused_form(form, refusal):
    """Return the form with the refusal as an error of the whole form."""

    def clean(self):
        form.clean(self)
        self.add_error(None, refusal)
        return self.cleaned_data

    return type(form)(form.__name__, (form,), {"clean": clean})
