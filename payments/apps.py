from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self):
        from payments import checks  # noqa: F401
        from payments.services.attempts import open_prompt_problem
        from payments.services.settlement import release_money, used_money_problem
        from sales.services import hooks

        hooks.before_edit += [open_prompt_problem, used_money_problem]
        hooks.after_cancel += [release_money]
