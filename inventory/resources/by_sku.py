"""Rows of a file that are about products which exist: found by SKU, in the business of the import only."""

from operator import attrgetter

from django.db import connection
from django.db.models import UUIDField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.imports.engine.stage import PLAN, STAGE, folded, select
from backoffice.imports.engine.staged import StagedColumn, plain
from backoffice.imports.resource import ImportResource
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.numbers import shortened
from backoffice.spreadsheets.widgets import CellWidget
from inventory.models import Warehouse
from inventory.resources.aliases import ALIASES
from inventory.services.stock import default_warehouses

WAREHOUSE_NAMES = ["warehouse_name", "store", "location", "place", "depot", "branch", "shop"]


def sku_column():
    return Column(
        "sku",
        "SKU",
        CellWidget(),
        aliases=ALIASES["sku"],
        needed="always",
        examples=["WAT-BOT-20L", "WAT-BOT-500"],
        when_empty=gettext_lazy("Refused. The SKU says which product the row is about."),
    )


def business_column():
    return Column("business", "Business", CellWidget(), aliases=["business_name"], keeps=True)


def warehouse_column():
    return Column(
        "warehouse",
        "Warehouse",
        CellWidget(),
        aliases=WAREHOUSE_NAMES,
        keeps=True,
        examples=["Main store", "Main store"],
        when_empty=gettext_lazy("The warehouse that orders are sent from."),
    )


class BySku(ImportResource):
    """A file about products that exist; it makes none. A row with another SKU is refused."""

    title_sql = "COALESCE(t.name, '')"

    def problems(self, plan):
        yield from self.repeated_keys(plan)
        yield from self.unknown_products(plan)

    def unknown_products(self, plan):
        """Yield the rows whose SKU the business does not have; one in other capital letters is named."""
        unknown = select(
            f"SELECT p.number, s.sku FROM {PLAN} p JOIN {STAGE} s ON s.number = p.number "
            f"WHERE p.id = s.id AND s.sku IS NOT NULL"
        )
        alike = unknown and select(
            f"SELECT o.sku FROM {plan.table} o WHERE o.business_id = '{self.business.pk.hex}' "
            f"AND {folded('o.sku')} IN (SELECT folded FROM {STAGE})"
        )
        twins = {sku.casefold(): sku for (sku,) in alike}
        for number, sku in unknown:
            twin = twins.get(sku.casefold())
            text = _("There is no product with the SKU “%s”. Add the product first.") % shortened(sku)
            if twin:
                text = _("There is a product with the SKU “%s”. Write it the same way.") % twin
            yield [number, "sku", sku, text]


class BySkuAndWarehouse(BySku):
    """A file that says something of products in warehouses: without a warehouse, of the default one.

    In the SQL w is the warehouse and l the level of the product there.
    """

    title_sql = "COALESCE(t.name, '') || COALESCE(' · ' || w.name, '')"
    joins = (
        f'LEFT JOIN "{Warehouse._meta.db_table}" w ON w.id = s.warehouse_id '
        f'LEFT JOIN "inventory_stocklevel" l ON l.product_id = t.id AND l.warehouse_id = s.warehouse_id'
    )
    stamps = ("t.updated_at", "l.updated_at", "w.updated_at")
    told_apart = "s.folded || ' ' || CAST(s.warehouse_id AS text)"

    def begin(self):
        found = Warehouse._base_manager.filter(business=self.business).order_by("-is_active", "created_at")
        self.warehouses = {each.name: each for each in found}
        self.folded_names = {name.casefold(): each for name, each in reversed(self.warehouses.items())}
        self.default = next(iter(default_warehouses([self.business])), None)

    def stage_warehouse(self, column):
        read = plain(self.read_warehouse, attrgetter("pk.hex"))
        kind = UUIDField().db_type(connection)
        return StagedColumn(column, "warehouse_id", kind, read, now="s.warehouse_id", extra=True)

    def read_warehouse(self, name):
        """Return the warehouse of a name, whatever its case; raises ValueError for an unknown one."""
        found = self.warehouses.get(name) or self.folded_names.get(name.casefold()) if name else self.default
        if found is None and not name:
            raise ValueError(_("%s has no warehouse yet. Add one under Stock, Warehouses.") % self.business)
        if found is None:
            raise ValueError(_("There is no warehouse “%s” in this business.") % shortened(name))
        return found

    def derived(self, staged):
        """Without a column for it every row is about the default warehouse."""
        if "warehouse_id" in {each.name for each in staged}:
            return []
        return [("warehouse_id", UUIDField().db_type(connection), self.default_key)]

    def default_key(self, keys, values):
        return [self.default and self.default.pk.hex] * len(keys)

    def repeated(self, others):
        text = _("The same product and warehouse are also in row %s.")
        return text % ", ".join(map(str, others[:5]))

    def problems(self, plan):
        yield from super().problems(plan)
        if self.default is None:
            reason = _("%s has no warehouse yet. Add one under Stock, Warehouses.") % self.business
            yield from ([number, "sku", "", reason] for number in plan.numbers("changed"))
        closed = select(f"SELECT p.number, w.name FROM {plan.planned} WHERE NOT w.is_active")
        for number, name in closed:
            yield [number, "warehouse_id", name, _("The warehouse “%s” is closed.") % name]

    def locks(self, plan):
        levels = plan.lock_query('"inventory_stocklevel"', "product_id", "warehouse_id")
        return [levels, *super().locks(plan)]
