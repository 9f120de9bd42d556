"""What a file of products means to the database: categories by path, slugs, and stock as a count."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.errors import RuleBroken
from backoffice.imports.engine.plan import NEW
from backoffice.imports.engine.stage import PLAN, STAGE, folded, select
from backoffice.imports.engine.staged import StagedColumn, staged_column
from backoffice.imports.resource import ImportResource
from inventory.models import Category, Product, StockLevel, Warehouse
from inventory.models.slug import slug_base
from inventory.resources import shopify, woocommerce
from inventory.resources.categories import CategoryTree
from inventory.services.import_undo import (
    NEEDED,
    counted_levels,
    deactivate_products,
    moved_since,
    reverse_counts,
)
from inventory.services.imports import (
    free_the_slugs,
    impossible_counts,
    lock_business,
    same_slug_twice,
    write_levels,
)
from inventory.services.stock import default_warehouse

# Of the level of the product in the default warehouse, not of the product.
OF_THE_LEVEL = {"stock", "reorder_level"}


class ProductImport(ImportResource):
    """The part of ProductResource that the engine of imports asks."""

    name = "products"
    title = gettext_lazy("Products")
    dialects = (shopify, woocommerce)
    permission = "inventory.import_product"
    choices = {
        "create_categories": (
            gettext_lazy("Create missing categories"),
            gettext_lazy("Otherwise a row with an unknown category is refused."),
            True,
        )
    }
    title_sql = "COALESCE(t.name, '')"

    # Reading

    def begin(self):
        self.tree = CategoryTree(self.business)
        self.may_create = self.options.get("create_categories", True) and self.may("inventory.add_category")
        self.warehouse = None

    def may(self, permission):
        """Whether the person has a right in the business; a machine has it."""
        return self.by is None or self.by.has_perm(permission, self.business)

    def context(self):
        return {"new_categories": self.tree.planned()}

    def restore(self, context):
        self.tree.plan_again(context["new_categories"])

    def staged(self, names):
        staged = super().staged(names)
        if OF_THE_LEVEL.intersection(names):
            self.warehouse = default_warehouse(self.business)
            others = Warehouse._base_manager.exclude(pk=self.warehouse.pk)
            self.is_spread = others.filter(business=self.business).exists()
        return staged

    def stage_category(self, column):
        read_path, known = self.reader(column), {}

        def read(text):
            if text not in known:
                known[text] = self.tree.key(read_path(text), may_create=self.may_create)
            return known[text]

        return staged_column(Product, "category", column, read, show=self.tree.path)

    def stage_stock(self, column):
        return StagedColumn(column, "stock", "integer", self.reader(column), now="t.stock", extra=True)

    def stage_reorder_level(self, column):
        read = self.reader(column)
        return StagedColumn(column, "reorder_level", "integer", read, now="l.reorder_level", extra=True)

    def derived(self, staged):
        """Every row gets the slug that its name and SKU ask for; only a new one without a slug uses it."""
        places = {each.name: index for index, each in enumerate(staged)}
        sku, name = places["sku"], places.get("name")

        def make(keys, values):
            if name is None:
                return [None] * len(keys)
            rows = zip(keys, values[name], values[sku], strict=True)
            return [slug_base(Product, f"{said} {code}") or key for key, said, code in rows]

        return [("made_slug", "varchar(255)", make)]

    # Comparing

    @property
    def joins(self):
        if not self.warehouse:
            return ""
        return (
            f'LEFT JOIN "{StockLevel._meta.db_table}" l ON l.product_id = t.id '
            f"AND l.warehouse_id = '{self.warehouse.pk.hex}'"
        )

    @property
    def stamps(self):
        if not self.warehouse:
            return ("t.updated_at",)
        # What moves in another warehouse changes what a count means here.
        levels = f'"{StockLevel._meta.db_table}"'
        anywhere = f"(SELECT max(a.updated_at) FROM {levels} a WHERE a.product_id = t.id)"
        return ("t.updated_at", anywhere if self.is_spread else "l.updated_at")

    def repeated(self, others):
        text = _("This SKU is also in row %s.") if len(others) == 1 else _("This SKU is also in rows %s.")
        return text % ", ".join(map(str, others[:5]))

    def problems(self, plan):
        self.plan = plan
        yield from super().problems(plan)
        yield from self.spelt_otherwise(plan)
        names = {each.name for each in plan.staged}
        if "slug" in names:
            yield from self.taken_slugs(plan)
        if "stock" in names:
            yield from impossible_counts(self, plan)
        if "price" in names and not self.may("inventory.change_price"):
            yield from self.changed_prices(plan)

    def spelt_otherwise(self, plan):
        """A new SKU that differs from one of the business only in capital letters is a slip."""
        twins = select(
            f"SELECT s.number, t.sku FROM {plan.table} t JOIN {STAGE} s ON s.folded = {folded('t.sku')} "
            f"WHERE {self.own} AND t.sku <> s.sku AND EXISTS (SELECT 1 FROM {PLAN} p "
            f"WHERE p.number = s.number AND p.id = s.id AND p.state IN ('new', 'refused'))"
        )
        for number, sku in twins:
            yield [number, "sku", "", _("There is a product with the SKU “%s”. Write it the same way.") % sku]

    def changed_prices(self, plan):
        """Another price for a product that exists asks for the right that its button asks for."""
        price = plan.by_field["price"]
        changed = select(
            f"SELECT p.number, {price.staged} FROM {plan.planned} "
            f"WHERE p.state = 'changed' AND {price.differs}"
        )
        for number, said in changed:
            text = _("You may not change prices. Leave the price as it is, or ask somebody who may.")
            yield [number, price.name, price.show(said), text]

    def taken_slugs(self, plan):
        taken = select(
            f"SELECT p.number, s.slug, o.sku FROM {PLAN} p JOIN {STAGE} s ON s.number = p.number "
            f"JOIN {plan.table} o ON o.business_id = '{self.business.pk.hex}' AND o.slug = s.slug "
            f"AND o.id <> p.id UNION {same_slug_twice('sku')}"
        )
        for number, slug, sku in taken:
            yield [number, "slug", slug, _("The product %s has this slug.") % sku]

    # Writing

    def locks(self, plan):
        # Adding categories takes the business, which an order takes before its stock.
        business = [lock_business(self.business)] if self.tree.new else []
        order = (f'"{StockLevel._meta.db_table}"', "product_id", "warehouse_id")
        levels = [plan.lock_query(*order)] if self.warehouse else []
        return [*business, *levels, *super().locks(plan)]

    def before_write(self, writer):
        told = {"by": writer.by, "reason": writer.reason, "at": writer.now}
        self.tree.create_planned(self.used_categories(writer.plan), **told)
        if writer.plan.counts[NEW]:
            free_the_slugs(self, writer.plan)

    def used_categories(self, plan):
        """Return the keys of the categories that rows to be written name: a refused row makes none."""
        if not self.tree.new or "category" not in plan.by_field:
            return []
        written = f"{PLAN} p JOIN {STAGE} s ON s.number = p.number WHERE p.state IN ('new', 'changed')"
        return [UUID(str(key)) for (key,) in select(f"SELECT DISTINCT s.category_id FROM {written}")]

    def new_row_values(self, writer):
        given = "slug" in {each.name for each in writer.plan.staged}
        return {"slug": "COALESCE(NULLIF(s.slug, ''), s.made_slug)" if given else "s.made_slug"}

    def changed_row_values(self, writer):
        """The sum goes with the other columns: a row is written once."""
        return {"stock": "COALESCE(s.stock, t.stock)"} if "stock" in writer.plan.by_field else {}

    def write_slice(self, writer, part):
        writer.insert(part)
        write_levels(self, writer, part)
        writer.update(part)

    # Undoing

    def undo_models(self):
        return [StockLevel, Product, Category]

    def undo_locks(self, undo):
        return [counted_levels(undo), *super().undo_locks(undo)]

    def used_since(self, undo):
        return moved_since(undo)

    def check_undo(self, undo):
        """Bringing old prices back is changing prices."""
        if undo.by and not undo.by.has_perm("inventory.change_price", self.business):
            changed, values = undo.changed_rows(Product)
            if select(f"SELECT 1 FROM {changed} AND v.price <> o.price LIMIT 1", *values):
                raise RuleBroken(
                    _("This import changed prices, and you may not. Ask somebody who may to undo it.")
                )

    def undo_more(self, undo):
        reverse_counts(undo)

    def needed_rows(self, model):
        return NEEDED[model]

    def put_aside(self, undo, model, source, values):
        if model is Product:
            deactivate_products(undo, source, values)

    def notes(self):
        new = [path for path, _key in self.tree.needed(self.used_categories(self.plan))]
        return super().notes() | {"new_categories": new[:50], "new_categories_count": len(new)}
