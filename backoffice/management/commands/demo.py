from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.module_loading import import_string

from backoffice.demo import Story, quiet_queue
from backoffice.people.demo import PASSWORD, demo_logins, found_businesses
from backoffice.people.models import Business
from backoffice.scoping import every_business


class Command(BaseCommand):
    help = "Fills an empty database with sample businesses and prints the logins. Needs DEMO=1. Idempotent."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=60, help="how many days of business to write")

    def handle(self, *, days, **options):
        if not settings.DEMO:
            raise CommandError(
                "The demo brings logins that everybody knows. Set DEMO=1 where no real money is."
            )
        if Business.objects.exists():
            self.stdout.write("The database has its data already; nothing was changed.")
        else:
            self.stdout.write(f"Writing {days} days of sample business; this takes about a minute ...")
            self.stdout.flush()
            write_story(days)
        self.print_logins()

    def print_logins(self):
        logins = demo_logins()
        width = max((len(email) for email, _ in logins), default=0)
        lines = [f"  {email:<{width}}  {roles}" for email, roles in logins]
        if logins:
            lines.append(f"  {'password of each:':<{width}}  {self.style.SUCCESS(PASSWORD)}")
        self.stdout.write("\n".join(["", f"  {settings.BASE_URL}/", "", *lines, ""]))


def write_story(days):
    """Write all of the demo or nothing; one commit, as each costs a wait for the disk."""
    with quiet_queue(), transaction.atomic():
        story = Story(days)
        found_businesses(story)
        with every_business():
            for step in settings.DEMO_STEPS:
                import_string(step)(story)
            story.tell()
