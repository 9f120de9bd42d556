from datetime import date, datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backoffice.money import format_money
from backoffice.people.models import Business
from backoffice.scoping import every_business
from payments.services.reconciliation import differences, oldest_open, sources_of


class Command(BaseCommand):
    help = (
        "Compares each statement with the books for one day. Exit code 1 when something waits for a person."
    )

    def add_arguments(self, parser):
        parser.add_argument("--day", type=date.fromisoformat, help="yesterday if left out")
        parser.add_argument("--business", help="the code of one business; all if left out")

    def handle(self, day=None, business=None, **options):
        businesses = Business.objects.filter(is_active=True)
        if business:
            businesses = businesses.filter(code=business)
            if not businesses:
                raise CommandError(f"No active business has the code {business}.")
        with every_business():
            waiting = sum(self.report(each, day or yesterday(each)) for each in businesses)
        if waiting:
            raise SystemExit(1)

    def report(self, business, day):
        """Print what a business's statements of a day say; returns how many differences wait."""
        found = [differences(source, day, day) for source in sources_of(business)]
        for each in found:
            if each.has_statement or each.by_kind:
                self.tell(each, day)
        return sum(len(each.waiting) for each in found)

    def tell(self, found, day):
        currency = found.source.business.currency
        self.stdout.write(f"{found.source.business} · {found.source} · {day}")
        if not found.has_statement:
            self.stdout.write("  No statement of this day was loaded.")
        sums = {"Statement": found.statement, "Books": found.books, "Difference": found.difference}
        for name, amount in sums.items():
            self.stdout.write(f"  {name:<12}{format_money(amount, currency)}")
        for kind, findings in found.by_kind:
            self.stdout.write(f"  {kind.label}: {len(findings)}")
            for each in findings:
                self.stdout.write(
                    f"    {self.words(each)}  {format_money(each.amount, currency)}  {each.note}"
                )
        oldest = oldest_open(found.source)
        if oldest:
            when = timezone.localtime(oldest, found.source.business.clock)
            self.stdout.write(f"  Oldest that waits: {when:%Y-%m-%d %H:%M}")

    def words(self, finding):
        if finding.line:
            return finding.line.receipt or finding.line.details
        return finding.payment.transaction_id or "no receipt"


def yesterday(business):
    return datetime.now(business.clock).date() - timedelta(days=1)
