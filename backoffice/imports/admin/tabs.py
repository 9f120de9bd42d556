from django.urls import reverse
from django.utils.translation import gettext as _


class ImportTabs:
    """Leads from the list of imports to the columns that are remembered, and back."""

    def changelist_view(self, request, extra_context=None):
        tabs = {"tab_list": [{"models": [self.opts.label_lower], "items": self.tabs(request)}]}
        return super().changelist_view(request, {**tabs, **(extra_context or {})})

    def tabs(self, request):
        """One tab per list that the person may see."""
        lists = [
            ("importjob", _("Imports"), "imports.view_importjob"),
            ("columnmapping", _("Suppliers' columns"), "imports.view_columnmapping"),
        ]
        return [
            {
                "title": title,
                "link": reverse(f"admin:imports_{name}_changelist"),
                "active": name == self.opts.model_name,
                "has_permission": request.user.has_perm(permission),
            }
            for name, title, permission in lists
        ]
