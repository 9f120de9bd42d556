"""Categories in a spreadsheet: told apart by their paths, whatever their capital letters."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.imports.engine.stage import PLAN, STAGE, select
from backoffice.imports.engine.staged import staged_column
from backoffice.imports.resource import ImportResource
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.widgets import CellWidget, YesNoWidget
from inventory.models import Category
from inventory.resources.categories import CategoryTree
from inventory.resources.widgets import CategoryPathWidget
from inventory.services.category_files import above, change_categories, create_categories
from inventory.services.import_undo import NEEDED
from inventory.services.imports import lock_business, same_slug_twice

# A tree that people can still find their way in.
MOST_NEW = 5000
KEPT, CLEARED = gettext_lazy("Stays as it is."), gettext_lazy("Cleared.")


class CategoryImport(ImportResource):
    """The part of CategoryResource that the engine asks. Rows are few."""

    name = "categories"
    title = gettext_lazy("Categories")
    permission = "inventory.import_category"
    choices = {
        "create_parents": (
            gettext_lazy("Create missing parents"),
            gettext_lazy("Otherwise a row below an unknown category is refused."),
            True,
        )
    }

    def begin(self):
        self.tree = CategoryTree(self.business, MOST_NEW)
        self.known = set(self.tree.paths.values())
        self.missing = []

    def stage_path(self, column):
        read_path = self.reader(column)

        def read(text):
            """Return the path as the tree has it, or as the first row of the file writes it."""
            return self.tree.path(self.tree.key(read_path(text), may_create=True))

        return staged_column(Category, "path", column, read)

    def repeated(self, others):
        text = _("This category is also in row %s.")
        return text % ", ".join(map(str, others[:5]))

    def problems(self, plan):
        found = [*super().problems(plan)]
        if "slug" in {each.name for each in plan.staged}:
            found += self.taken_slugs(plan)
        yield from found
        yield from self.missing_parents(plan, {number for number, *_what in found})

    def taken_slugs(self, plan):
        taken = select(
            f"SELECT p.number, s.slug, o.path FROM {PLAN} p JOIN {STAGE} s ON s.number = p.number "
            f"JOIN {plan.table} o ON o.business_id = '{self.business.pk.hex}' AND o.slug = s.slug "
            f"AND o.id <> p.id UNION {same_slug_twice('path')}"
        )
        for number, slug, path in taken:
            yield [number, "slug", slug, _("The category %s has this slug.") % path]

    def missing_parents(self, plan, refused):
        """Note the parents that neither the tree nor the file has; without leave to create them, refuse."""
        rows = select(
            f"SELECT p.number, s.path FROM {PLAN} p JOIN {STAGE} s ON s.number = p.number "
            f"WHERE p.state = 'new' ORDER BY p.number"
        )
        rows = [(number, path) for number, path in rows if number not in refused]
        present = self.known | {path for _number, path in rows}
        lacking = [(number, [each for each in above(path) if each not in present]) for number, path in rows]
        if self.options.get("create_parents", True):
            self.missing = list(dict.fromkeys(each for _number, paths in lacking for each in paths))
            return
        text = _("There is no category “%s”. Add a row for it, or allow new parents.")
        yield from ([number, "path", "", text % paths[0]] for number, paths in lacking if paths)

    def notes(self):
        new = {"new_categories": self.missing[:50], "new_categories_count": len(self.missing)}
        return super().notes() | new

    # Writing and undoing

    def locks(self, plan):
        # Adding categories takes the business, which an order takes before its stock.
        return [lock_business(self.business), *super().locks(plan)]

    def before_write(self, writer):
        create_categories(writer, self.missing)
        change_categories(writer)

    def write_slice(self, writer, part):
        """All rows are written before, parents first."""

    def needed_rows(self, model):
        return NEEDED[model]


class CategoryResource(CategoryImport):
    """The tree of one business, a category a row, each with its path such as `Drinks > Water`."""

    path = Column(
        "path",
        "Category",
        CategoryPathWidget(),
        aliases=["path", "category_path", "category_name", "name", "product_category", "department"],
        needed="always",
        examples=["Drinks", "Drinks > Water"],
        when_empty=gettext_lazy("Refused. The path says which category the row is about."),
    )
    description = Column(
        "description",
        "Description",
        CellWidget(),
        aliases=["details", "about"],
        examples=["What people drink", ""],
        when_empty=CLEARED,
    )
    is_active = Column(
        "is_active",
        "Active",
        YesNoWidget(),
        aliases=["is_active", "enabled", "published"],
        keeps=True,
        examples=["TRUE", "TRUE"],
        when_empty=gettext_lazy("Stays as it is; a new category is active."),
    )
    slug = Column("slug", "Slug", CellWidget(), aliases=["url_key"], keeps=True, when_empty=KEPT)
    business = Column("business", "Business", CellWidget(), aliases=["business_name"], keeps=True)

    class Meta:
        model = Category
        import_id_fields = ["path"]
        fields = ["path", "description", "is_active", "slug", "business"]
