from django.contrib import admin
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.money import money_cell
from payments.models import CashDrawer, TillSession
from payments.services.tills import save_drawer, sessions_of
from payments.till_dialogs import OpenTillDialog


@admin.register(CashDrawer)
class DrawerAdmin(BackOfficeAdmin):
    """The boxes in which cash is kept, and who answers for each right now."""

    dialogs = [OpenTillDialog]
    list_display = ["name", "held_by", "limit", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    fields = ["business", "name", "second_person_above", "is_active"]
    empty_title = _("No cash drawers")
    empty_text = _("Cash can be recorded without. Add a drawer to have cash counted at the end of a day.")

    def get_queryset(self, request):
        opened = sessions_of().select_related("opened_by")
        opened = Prefetch("sessions", opened, to_attr="opened")
        return super().get_queryset(request).select_related("business").prefetch_related(opened)

    def has_delete_permission(self, request, obj=None):
        """A drawer that is given up becomes inactive; its sessions name it for ever."""
        return False

    def save_row(self, request, row, form, change):
        save_drawer(row, by=request.user)

    def dialog_done_url(self, request, row):
        """Opening a till leads to it."""
        session = sessions_of(drawer=row).first()
        if not session:
            return super().dialog_done_url(request, row)
        return reverse(f"admin:payments_{TillSession._meta.model_name}_change", args=[session.pk])

    @display(description=_("open"))
    def held_by(self, drawer):
        if not drawer.opened:
            return "–"
        session = drawer.opened[0]
        address = reverse("admin:payments_tillsession_change", args=[session.pk])
        return format_html('<a class="row-link" href="{}">{}</a>', address, session.opened_by)

    @display(description=_("second person above"), ordering="second_person_above")
    def limit(self, drawer):
        return money_cell(drawer.second_person_above, drawer.business.currency)
