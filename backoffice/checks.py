from django.contrib.admin import site
from django.core.checks import Error, register
from django.db import OperationalError, ProgrammingError
from unfold.checks import UnfoldModelAdminChecks


class BackOfficeChecks(UnfoldModelAdminChecks):
    def _check_unfold_action_permission_methods(self, obj):
        """The theme reads the permission table here, which an empty database does not have yet."""
        try:
            return super()._check_unfold_action_permission_methods(obj)
        except (OperationalError, ProgrammingError):
            return []


@register
def check_every_admin_is_scoped(app_configs, **kwargs):
    """Refuse a registered admin that does not go through the scope of BackOfficeAdmin."""
    from backoffice.admin import BackOfficeAdmin

    return [
        Error(f"{model_admin} must inherit from BackOfficeAdmin.", id="backoffice.E001")
        for model, model_admin in site._registry.items()
        if not isinstance(model_admin, BackOfficeAdmin)
    ]
