"""A list as a spreadsheet: which columns it has, and what of the database stands in them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils.translation import gettext_lazy as _

# How many rows the database hands over at a time.
CHUNK = 2_000


@dataclass(frozen=True)
class ListColumn:
    """A column: its heading, the field or expression behind it, and how a value is told if not as it is.

    A `moment` is told on the clock of the business that the row belongs to.
    """

    heading: str
    source: object
    told: Callable | None = None
    moment: bool = False


class Listing:
    """What an export writes of a list. Made for the businesses that rows may come from; none, if shared.

    The database is asked once, and before the answer to the person begins: in his scope, with his rights.
    While the answer is on its way rows are read, and nothing else is asked.
    """

    name: str = ""
    columns: tuple[ListColumn, ...] = ()
    # Whether there are amounts without a currency beside them: those are in that of the business.
    needs_currency = False

    def __init__(self, businesses=()):
        self.businesses = businesses

    def prepare(self, rows):
        """Return the queryset behind the columns; `rows` are those that the list shows."""
        return rows

    @property
    def all_columns(self):
        """The columns, and what tells the rows of several businesses apart."""
        columns = list(self.columns)
        if self.needs_currency and len({each.currency for each in self.businesses}) > 1:
            columns.append(ListColumn(_("Currency"), "business__currency"))
        if len(self.businesses) > 1:
            columns.append(ListColumn(_("Business"), "business__name"))
        return columns

    @property
    def headings(self):
        return [str(column.heading) for column in self.all_columns]

    def rows(self, rows):
        """Return an iterator over the rows as sequences of values; raises what the database refuses."""
        columns = self.all_columns
        sources = [column.source for column in columns]
        moments = [place for place, column in enumerate(columns) if column.moment]
        told = [(place, column.told) for place, column in enumerate(columns) if column.told]
        queryset = self.prepare(rows).prefetch_related(None)
        found = started(
            queryset.values_list(*sources, *(["business_id"] if moments else [])).iterator(chunk_size=CHUNK)
        )
        if moments:
            found = on_the_clock(found, moments, {each.pk: each.clock for each in self.businesses})
        return tell(found, told) if told else found


def started(rows):
    """Return the same rows, after the first was read: what the database refuses is known by then."""
    return chain([row for row in [next(rows, None)] if row is not None], rows)


def on_the_clock(rows, moments, clocks):
    """Yield rows with their moments as the clock of their business showed them; it stands last in a row."""
    for row in rows:
        *values, business = row
        for place in moments:
            if values[place] is not None:
                values[place] = values[place].astimezone(clocks[business]).replace(tzinfo=None)
        yield values


def tell(rows, told):
    """Yield rows with some values in the words of the list."""
    for row in rows:
        values = list(row)
        for place, words in told:
            if values[place] is not None:
                values[place] = words(values[place])
        yield values


def labels(choices):
    """Return a function from a choice to its label."""
    names = dict(choices.choices)
    return lambda value: str(names.get(value, value))


def person(path):
    """Return the name of the person whom a foreign key names, or the email of one without."""
    name = Trim(Concat(f"{path}__first_name", Value(" "), f"{path}__last_name"))
    return Coalesce(NullIf(name, Value("")), f"{path}__email", output_field=CharField())
