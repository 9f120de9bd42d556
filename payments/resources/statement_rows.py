"""Statements in a spreadsheet: each line once, whichever files bring it; a line is never changed."""

import re
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from backoffice.imports.engine.stage import select, uuid_type
from backoffice.imports.engine.staged import StagedColumn, staged_column
from backoffice.imports.engine.writing import stamp
from backoffice.imports.resource import ImportResource
from backoffice.spreadsheets.numbers import shortened
from backoffice.spreadsheets.widgets import CellWidget, DateWidget, MoneyWidget
from payments.models import StatementLine

CLOCK = re.compile(r"(\S+)[ T,]+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*([AaPp][Mm])?")
NEVER = "1 = 0"


class MomentWidget(CellWidget):
    """A day and, if the file knows it, a time of the day there: 2026-11-20 14:05:33, 20/11/2026 2:05 PM."""

    def empty(self):
        return None

    def read(self, text):
        found = CLOCK.fullmatch(text)
        day = DateWidget().read(found[1] if found else text)
        return datetime.combine(day, read_clock(found) if found else time.min)


def read_clock(found):
    """Return the time of day in a match of CLOCK; raises ValueError with a sentence."""
    clock, half = found[2], (found[3] or "").upper()
    form = (
        ("%I" if half else "%H") + ":%M" + (":%S" if clock.count(":") == 2 else "") + ("%p" if half else "")
    )
    try:
        return datetime.strptime(clock + half, form).time()  # noqa: DTZ007 (a time of day)
    except ValueError:
        raise ValueError(_("“%s” is no time.") % shortened(found[0])) from None


class SignedMoneyWidget(MoneyWidget):
    """An amount that may be below nothing: money that went out."""

    def read(self, text):
        sign = -1 if text[0] in "-(" else 1
        return sign * super().read(text.strip("-+() "))


class StatementImport(ImportResource):
    """What statements of M-Pesa and of banks have in common; `zone` is where their clocks stand.

    The file gets columns of its own: the key of a line, its kind, and what came in and went out.
    """

    permission = "payments.load_statement"
    title_sql = "COALESCE(t.details, '')"
    bank = ""
    account = None

    @property
    def zone(self):
        return self.business.clock

    @property
    def same_row(self):
        return f"t.key = s.line_key AND {self.own}"

    @property
    def told_apart(self):
        return "CASE WHEN NOT s.bad THEN s.line_key ELSE '' END"

    def stage(self, name, column):
        # What was loaded before stays as it is.
        return replace(super().stage(name, column), changes_when=NEVER)

    def stage_happened_at(self, column):
        read = self.reader(column)

        def read_utc(text):
            moment = read(text)
            return moment and str(stamp(moment.replace(tzinfo=self.zone)))

        return self.as_it_comes(column, "happened_at", read_utc)

    def stage_value_date(self, column):
        read = self.reader(column)
        return self.as_it_comes(column, "value_date", lambda text: str(read(text)) if text else None)

    def as_it_comes(self, column, name, read):
        field = StatementLine._meta.get_field(name)
        return StagedColumn(column, name, field.db_type(connection), read)

    def stage_amount(self, column):
        paid_in = staged_column(StatementLine, "paid_in", column, self.reader(column))
        return replace(paid_in, name="amount", now="NULL", extra=True)

    # What follows from the cells

    def derived(self, staged):
        names = [each.name for each in staged]

        def of(make):
            def column(_keys, values):
                return [make(dict(zip(names, row, strict=True))) for row in zip(*values, strict=True)]

            return column

        money = StatementLine._meta.get_field("paid_in").db_type(connection)
        return [
            ("line_key", "text", of(self.key_maker())),
            ("line_kind", "text", of(self.kind_of)),
            ("line_in", money, of(lambda row: str(came_in(row)))),
            ("line_out", money, of(lambda row: str(went_out(row)))),
            ("line_bank", "text", of(lambda row: self.bank)),
        ]

    def key_maker(self):
        """Return the function that tells what a row is known by."""
        raise NotImplementedError

    def kind_of(self, row):
        """Return the LineKind of a row."""
        raise NotImplementedError

    def problems(self, plan):
        yield from super().problems(plan)
        nothing = select(
            f"SELECT p.number FROM {plan.planned} "
            f"WHERE NOT s.bad AND (s.line_in > 0) = (s.line_out > 0) AND p.state <> 'refused'"
        )
        for (number,) in nothing:
            yield [number, plan.key, "", _("This row says neither what came in nor what went out.")]

    def new_row_values(self, writer):
        return {
            "key": "s.line_key",
            "kind": "s.line_kind",
            "paid_in": "s.line_in",
            "paid_out": "s.line_out",
            "bank": "s.line_bank",
            "account_id": key_of(self.account),
            "job_id": key_of(self.job),
        }


def key_of(row):
    """Return the SQL of the key of a row, or of nothing."""
    key = f"'{row.pk.hex}'" if row else "NULL"
    return f"CAST({key} AS {uuid_type()})"


def came_in(row):
    """Return what a row of the file brought in; a statement may have one column for both."""
    amount = Decimal(row.get("amount") or 0)
    return max(amount, Decimal(0)) or max(Decimal(row.get("paid_in") or 0), Decimal(0))


def went_out(row):
    """Return what went out, above nothing whatever sign the file gives it."""
    amount = Decimal(row.get("amount") or 0)
    return max(-amount, Decimal(0)) or abs(Decimal(row.get("paid_out") or 0))
