from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.dialogs import RowDialog
from inventory.services.warehouses import make_default


class MakeDefaultDialog(RowDialog):
    """Lets orders be sent from this warehouse unless they say otherwise."""

    name = "make_default"
    label = gettext_lazy("Make default")
    icon = "home_pin"
    permission = "inventory.change_warehouse"

    @classmethod
    def is_available(cls, row, user):
        return row.is_active and not row.is_default and super().is_available(row, user)

    def effects(self):
        return [_("New orders are sent from here; orders taken before stay where they are.")]

    def apply(self, *, by):
        return _("Orders are sent from %s now.") % make_default(self.row, by=by)
