from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from payments.services.sweeping import sweep


class Command(BaseCommand):
    help = "Takes up what is due about money: deliveries, requests, questions to providers. For cron."

    def handle(self, *args, **options):
        self.stdout.write(_("%d taken up.") % sweep())
