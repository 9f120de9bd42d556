"""Prices in a spreadsheet: from now on, or from a later day."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.errors import RuleBroken
from backoffice.imports.engine.staged import StagedColumn, plain, staged_column
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.widgets import CellWidget, DateWidget, MoneyWidget
from inventory.models import PlannedPrice, Product
from inventory.resources.aliases import ALIASES
from inventory.resources.by_sku import BySku, business_column, sku_column
from inventory.services.planned_prices import today_of, wake_on
from inventory.services.price_files import PLANNED_PRICES, change_prices, plan_prices, planned_days

# The worker is woken on each of them.
MOST_DAYS = 366


class PriceImport(BySku):
    """The part of PriceResource that the engine asks; r is the price planned for the day of the row.

    The file gets a column of its own, `planned_on`: the day of a row, if it is a later one than today.
    """

    name = "prices"
    title = gettext_lazy("Prices")
    permission = "inventory.change_price"
    joins = f"LEFT JOIN {PLANNED_PRICES} r ON r.product_id = t.id AND r.starts_on = s.planned_on"
    stamps = ("t.updated_at", "r.updated_at")
    # A row whose day cannot be read is for no day yet.
    told_apart = "CASE WHEN NOT s.bad THEN s.folded || ' ' || COALESCE(CAST(s.planned_on AS text), '') END"

    def begin(self):
        self.today = today_of(self.business)

    def stage_price(self, column):
        now = "COALESCE(r.price, t.price)"
        return staged_column(Product, "price", column, self.reader(column), now=now, extra=True)

    def stage_starts_on(self, column):
        # Only a later day makes a difference; one that has come means at once.
        now = "CASE WHEN s.planned_on IS NULL THEN s.starts_on ELSE r.starts_on END"
        return StagedColumn(column, "starts_on", "date", plain(self.reader(column), str), now=now, extra=True)

    def stage_price_list(self, column):
        now = "CASE WHEN s.planned_on IS NULL THEN s.price_list ELSE r.price_list END"
        return staged_column(PlannedPrice, "price_list", column, self.reader(column), now=now, extra=True)

    def derived(self, staged):
        places = {each.name: place for place, each in enumerate(staged)}
        place, today = places.get("starts_on"), self.today.isoformat()

        def later(keys, values):
            days = [None] * len(keys) if place is None else values[place]
            return [day if day and day > today else None for day in days]

        return [("planned_on", "date", later)]

    def repeated(self, others):
        text = _("The same product and day are also in row %s.")
        return text % ", ".join(map(str, others[:5]))

    def problems(self, plan):
        yield from super().problems(plan)
        if len(planned_days()) > MOST_DAYS:
            text = _(
                "The prices of this file begin on more than %d days. Is the right column chosen for them?"
            )
            raise RuleBroken(text % MOST_DAYS)

    def locks(self, plan):
        return [*super().locks(plan), plan.lock_query(PLANNED_PRICES, "product_id", "starts_on")]

    def before_write(self, writer):
        days = planned_days()
        wake_on(self.business, [date.fromisoformat(str(each)) for each in days])

    def write_slice(self, writer, part):
        change_prices(writer, part)
        plan_prices(writer, part, "price_list" in {each.name for each in writer.plan.staged})

    def undo_models(self):
        return [PlannedPrice, Product]

    def undo_locks(self, undo):
        # Products first, as apply_planned_price() takes them.
        return list(reversed(super().undo_locks(undo)))


class PriceResource(PriceImport):
    """Prices by SKU, in the currency of the business; a later day makes a planned price of it."""

    sku = sku_column()
    price = Column(
        "price",
        "Price",
        MoneyWidget(),
        aliases=["new_price", *ALIASES["price"]],
        needed="always",
        examples=["350.00", "40.00"],
    )
    starts_on = Column(
        "starts_on",
        "From",
        DateWidget(),
        aliases=[
            "start",
            "starts",
            "starts_on",
            "start_date",
            "from_date",
            "valid_from",
            "effective",
            "effective_from",
            "effective_date",
            "date",
        ],  # fmt: skip
        keeps=True,
        examples=["", "2027-01-01"],
        when_empty=gettext_lazy("From now on. Days are read as 2027-12-31 or 31/12/2027."),
    )
    price_list = Column(
        "price_list",
        "Price list",
        CellWidget(),
        aliases=["list", "price_list_name", "pricelist"],
        keeps=True,
        examples=["", "New year"],
        when_empty=gettext_lazy("Without a name."),
    )
    business = business_column()

    class Meta:
        model = Product
        import_id_fields = ["sku"]
        fields = ["sku", "price", "starts_on", "price_list", "business"]
