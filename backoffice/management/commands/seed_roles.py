from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand
from django.db import transaction

from backoffice.roles import PERMISSIONS


class Command(BaseCommand):
    help = "Creates the roles and gives each exactly its permissions. Idempotent; run by migrate."

    @transaction.atomic
    def handle(self, *, verbosity=1, **options):
        for config in apps.get_app_configs():
            create_permissions(config, verbosity=0)
        known = {
            f"{app}.{codename}": pk
            for pk, app, codename in Permission.objects.values_list(
                "pk", "content_type__app_label", "codename"
            )
        }
        for role, names in PERMISSIONS.items():
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set([known[name] for name in names])
        if verbosity:
            self.stdout.write(f"Roles: {', '.join(PERMISSIONS)}.")
