from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class BackOfficeConfig(AppConfig):
    name = "backoffice"

    def ready(self):
        pre_migrate.connect(make_room, dispatch_uid="backoffice.make_room")
        post_migrate.connect(settle, dispatch_uid="backoffice.settle")
        slim_lists()


def slim_lists():
    """Give the cells of lists one class of ours: the theme repeats 400 bytes of classes in each."""
    from unfold.templatetags import unfold_list

    unfold_list.ROW_CLASSES[:] = ["cell"]
    unfold_list.CHECKBOX_CLASSES[:] = ["action-checkbox", "cell-check"]


def make_room(sender, using, **kwargs):
    """Before the first app migrates: drop the guards where they would block a table rebuild."""
    from backoffice.guards import drop_guards

    if sender is next(iter(apps.get_app_configs())) and connections[using].vendor == "sqlite":
        drop_guards(using)


def settle(sender, using, verbosity=1, **kwargs):
    """After the last app migrated: guards, roles and the cache table are in place."""
    from django.core.management import call_command

    from backoffice.guards import install_guards

    if sender is list(apps.get_app_configs())[-1]:
        install_guards(using)
        call_command("seed_roles", verbosity=0)
        call_command("createcachetable", verbosity=0)
