from django.core.management.base import BaseCommand

from backoffice.scoping import every_business
from inventory.services.planned_prices import apply_due_prices


class Command(BaseCommand):
    help = "Applies the planned prices whose day has come. The worker does it at midnight; cron may, too."

    def handle(self, **options):
        with every_business():
            self.stdout.write(f"{apply_due_prices()} planned prices were applied.")
