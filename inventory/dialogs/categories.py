from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.dialogs import RowDialog
from inventory.models import Category
from inventory.queries import subtree_size
from inventory.services.categories import move_category


class MoveCategoryDialog(RowDialog):
    """Hangs a category, with all that is below it, under another parent."""

    name = "move_category"
    label = gettext_lazy("Move")
    icon = "drive_file_move"
    permission = "inventory.change_category"
    submit_text = gettext_lazy("Move it")

    parent = forms.ModelChoiceField(
        label=gettext_lazy("Move it to"),
        queryset=Category._base_manager.none(),
        required=False,
        empty_label=gettext_lazy("The top of the tree"),
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        places = Category._base_manager.filter(business=row.business_id)
        self.fields["parent"].queryset = places.exclude(pk__in=row.descendant_ids())
        self.fields["parent"].initial = row.parent_id

    def effects(self):
        categories, products = subtree_size(self.row)
        below = ngettext("%d category below it moves too.", "%d categories below it move too.", categories)
        goods = ngettext(
            "%d product is in it and below; its path changes, its price and stock do not.",
            "%d products are in it and below; their paths change, their prices and stock do not.",
            products,
        )
        moved = [below % categories] if categories else []
        return [_("Now: %s") % self.row.path, *moved, goods % products]

    def apply(self, *, by):
        category = move_category(self.row, by=by, **self.cleaned_data)
        return _("Moved: %s") % category.path
