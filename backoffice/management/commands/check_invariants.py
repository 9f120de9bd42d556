import json

from django.core.management.base import BaseCommand

from backoffice.invariants import check_all


class Command(BaseCommand):
    help = "Asks whether stock, orders, money and history are as they must be; exit code 1 if not. Read-only."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document")

    def handle(self, *, as_json, **options):
        findings = check_all()
        if as_json:
            self.stdout.write(json.dumps([describe(each) for each in findings], indent=2))
        else:
            self.print_table(findings)
        if not all(each.holds for each in findings):
            raise SystemExit(1)

    def print_table(self, findings):
        width = max(len(each.name) for each in findings)
        for each in findings:
            verdict = self.style.SUCCESS("ok") if each.holds else self.style.ERROR("breach")
            self.stdout.write(f"{each.name:<{width}}  {verdict}")
            if not each.holds:
                lines = [each.meaning, *each.examples, *(["and more"] if each.more else [])]
                self.stdout.write("\n".join(f"  {line}" for line in lines))


def describe(finding):
    return {
        "name": finding.name,
        "meaning": finding.meaning,
        "holds": finding.holds,
        "examples": finding.examples,
        "more": finding.more,
    }
