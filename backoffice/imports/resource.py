"""What a developer declares to let staff load a kind of row from spreadsheets."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from import_export.resources import ModelResource

from backoffice.errors import RuleBroken
from backoffice.imports.engine.staged import StagedColumn, staged_column
from backoffice.models import BusinessOwned
from backoffice.spreadsheets.columns import quoted

# How many other rows a sentence names.
NAMED = 5


class PreviewOutdated(RuleBroken):
    """What would happen now is not what was shown; nothing was written."""


class ImportResource(ModelResource):
    """The columns of a spreadsheet, how a row finds its own, and what a row means to the database.

    Fields are `Column`s; Meta.model and Meta.import_id_fields are as in django-import-export.
    `name` is what jobs and addresses call it, `permission` the right that importing needs, and
    `dialects` are modules that know the exports of other systems (recognises, adapt).
    """

    name = ""
    title = ""
    permission = ""
    dialects = ()
    # Choices beside the file: {name: (label, help text, initial)}, each yes or no.
    choices: dict[str, tuple[str, str, bool]] = {}
    # SQL of what a row is called (t is the row, s the file), of what else is joined to it, and of what
    # tells that a row was changed since somebody looked.
    title_sql = "''"
    joins = ""
    stamps: tuple[str, ...] = ("t.updated_at",)

    def __init__(self, business=None, *, by=None, options=None, reference="", job=None, **kwargs):
        super().__init__(**kwargs)
        self.business, self.by, self.options, self.job = business, by, options or {}, job
        # Makes a stock movement of this file happen once.
        self.reference = reference

    @property
    def columns(self):
        """Return {name: column} in the order of the declaration."""
        return {name: self.fields[name] for name in self._meta.fields}

    @property
    def template(self):
        """Return (headings, example rows) of the empty form to fill in."""
        shown = [each for each in self.columns.values() if each.examples]
        rows = [list(row) for row in zip(*(each.examples for each in shown), strict=True)]
        return [each.column_name for each in shown], rows

    # What the engine asks for: reading

    def begin(self):
        """Read what the cells are understood with, such as the tree of categories."""

    def context(self):
        """Return, as JSON, what was understood and has to be the same when the rows are written."""
        return {}

    def notes(self):
        """Return what the report says of the file beside its rows."""
        comma = self.options.get("decimal_comma")
        return {"notes": [_("Numbers are read with a decimal comma.")] if comma else []}

    def restore(self, context):
        """Take up a context() again before the rows are written; raises PreviewOutdated if it is outdated."""

    def staged(self, names):
        """Return the StagedColumns of the named columns, which are those of the file."""
        return [self.stage(name, self.columns[name]) for name in names]

    def stage(self, name, column):
        """Return the StagedColumn of a column: of the field of its name, or as `stage_<name>` has it."""
        special = getattr(self, f"stage_{name}", None)
        if special:
            return special(column)
        return staged_column(self._meta.model, column.attribute, column, self.reader(column))

    def stage_business(self, column):
        """A column that is only looked at: another business in it is refused."""

        def read(text):
            names = (self.business.name.casefold(), self.business.code.casefold(), "")
            if text.casefold() not in names:
                raise ValueError(
                    _("This row is of %(theirs)s, and you import into %(ours)s.")
                    % {"theirs": text, "ours": self.business}
                )

        return StagedColumn(column, "business_name", "text", read, now="NULL", extra=True)

    def reader(self, column):
        """Return the function that turns a cell of the column into a value, or raises with a sentence."""
        widget = column.widget
        widget.decimal_comma = self.options.get("decimal_comma", False)
        widget.currency = self.business.currency if self.business else ""
        read = widget.clean
        if column.keeps:
            return lambda text: read(text) if text else None
        if not column.needed:
            return read

        def read_needed(text):
            if not text:
                raise ValueError(_("%s is missing.") % column.column_name)
            return read(text)

        return read_needed

    def derived(self, staged):
        """Return [(name, type, function of new keys and the columns)] of columns that follow from others."""
        return []

    # Comparing

    @property
    def key_column(self):
        """The column of the table by which a row of the file finds its own."""
        attribute = self.columns[self._meta.import_id_fields[0]].attribute
        return self._meta.model._meta.get_field(attribute).column

    @property
    def same_row(self):
        """The SQL of whether t is the row that s is about: never one of another business."""
        return f't."{self.key_column}" = s."{self.key_column}" AND {self.own}'

    @property
    def own(self):
        """The SQL of whether t is a row that the file may speak of."""
        owned = issubclass(self._meta.model, BusinessOwned)
        return f"t.business_id = '{self.business.pk.hex}'" if owned else "1 = 1"

    @property
    def told_apart(self):
        """The SQL of what no two rows of the file may have in common; p is the plan, s the file.

        A row that exists is named exactly; a new one may not come twice in other letters either.
        """
        return f"CASE WHEN p.state = 'new' THEN s.folded ELSE CAST(s.\"{self.key_column}\" AS text) END"

    def problems(self, plan):
        """Yield [number, column, text, reason] of what only the whole file or the database can tell."""
        yield from self.repeated_keys(plan)
        yield from self.incomplete(plan)

    def repeated_keys(self, plan):
        places = {}
        for key, number in plan.repeated_keys():
            places.setdefault(key, []).append(number)
        for numbers in places.values():
            for number in numbers:
                # A few of them are enough, or a file of one key would be compared with itself.
                others = [each for each in numbers[: NAMED + 1] if each != number]
                yield [number, plan.key, "", self.repeated(others[:NAMED])]

    def repeated(self, others):
        """Return the sentence about a row whose key is in other rows too."""
        return _("The same is also in row %s.") % ", ".join(map(str, others))

    def incomplete(self, plan):
        """Yield the new rows of a file that has no column for something a new row needs."""
        present = {each.column.column_name for each in plan.staged}
        missing = [c.column_name for c in self.columns.values() if c.needed and c.column_name not in present]
        if missing:
            reason = _("This row is new, and the file has no column %s.") % quoted(missing)
            yield from ([number, plan.key, "", reason] for number in plan.numbers("new"))

    # Writing

    def locks(self, plan):
        """Return the queries that lock the rows which will change, in the order that everybody takes."""
        return [plan.lock_query(plan.table)]

    def before_write(self, writer):
        """Write what the rows refer to."""

    def new_row_values(self, writer):
        """Return {column: SQL} of what a new row gets that stands neither in the file nor in the model."""
        return {}

    def changed_row_values(self, writer):
        """Return {column: SQL} of what is written together with the columns of a row that changes."""
        return {}

    def write_slice(self, writer, part):
        """Write the rows of a slice and what hangs on them; `part` is the SQL that chooses them."""
        writer.insert(part)
        writer.update(part)

    # Undoing

    def undo_models(self):
        """Return the models of which this import may have written rows, dependants first."""
        return [self._meta.model]

    def undo_locks(self, undo):
        """Return [(query, values)] that lock what is taken back, in the order that everybody takes."""
        return [undo.lock_query(model) for model in self.undo_models()]

    def used_since(self, undo):
        """Return what keeps the import from being undone beside later changes of its rows."""
        return []

    def check_undo(self, undo):
        """Raise RuleBroken when the person who undoes may not do what that would do."""

    def undo_more(self, undo):
        """Take back what is no row of the undo_models()."""

    def needed_rows(self, model):
        """Return the SQL of whether a row t that the import made has to stay."""
        return "1 = 0"

    def put_aside(self, undo, model, source, values):
        """Do what can be done about new rows that had to stay; `source` is the SQL that finds them."""


@cache
def import_resources():
    """Return {name: ImportResource class} of everything that spreadsheets can fill."""
    return {each.name: each for each in map(import_string, settings.IMPORT_RESOURCES)}


def resource_class(name):
    """Return the class that jobs call `name`; raises RuleBroken for an unknown one."""
    try:
        return import_resources()[name]
    except KeyError:
        raise RuleBroken(_("Nothing called “%s” can be imported.") % name) from None
