"""What would become of each row of the file: one join of the stage with the table that it is about."""

from itertools import chain, islice

from django.db import connection

from backoffice.imports.engine.stage import (
    PLAN,
    PROBLEMS,
    STAGE,
    create_table,
    execute,
    insert_rows,
    select,
    settle,
    uuid_type,
)
from backoffice.imports.engine.staged import as_text

NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
# How many row numbers one statement names.
CHUNK = 500


class Plan:
    """The temporary table of {number, id, state, touched}: touched when a column of the row itself changes.

    `resource` says which table the file is about, how a row finds its own, and what else is joined;
    `columns` are {name of our column: StagedColumn}, `rows_digest` tells these rows from any others.
    """

    def __init__(self, resource, columns, rows_digest):
        self.rows_digest = rows_digest
        self.resource, self.by_field, self.staged = resource, columns, list(columns.values())
        self.key_field = resource._meta.import_id_fields[0]
        self.table = f'"{resource._meta.model._meta.db_table}"'
        self.key = resource.key_column
        # From the stage to the row it is about: nothing for a new one.
        self.joined = f"{STAGE} s LEFT JOIN {self.table} t ON {resource.same_row} {resource.joins}"
        self.planned = (
            f"{PLAN} p JOIN {STAGE} s ON s.number = p.number LEFT JOIN {self.table} t ON t.id = p.id "
            f"{resource.joins}"
        )

        # Whether a row changes in a column of its own, and whether in what hangs on it.
        self.touched = " OR ".join(each.differs for each in self.staged if not each.extra) or "1 = 0"
        self.extra = " OR ".join(each.differs for each in self.staged if each.extra) or "1 = 0"

    def make(self):
        """Find out what each row would do."""
        create_table(
            PLAN, {"number": "integer", "id": uuid_type(), "state": "varchar(10)", "touched": "boolean"}
        )
        execute(
            f"INSERT INTO {PLAN} SELECT number, id, CASE WHEN bad THEN 'refused' WHEN is_new THEN 'new' "
            f"WHEN touched OR extra THEN 'changed' ELSE 'unchanged' END, touched FROM ("
            f"SELECT s.number, COALESCE(t.id, s.id) AS id, s.bad, t.id IS NULL AS is_new, "
            f"({self.touched}) AS touched, ({self.extra}) AS extra FROM {self.joined}) compared"
        )
        settle(PLAN, ["number", "id"], ["state"])
        self.forgive_spelling()
        insert_rows(PROBLEMS, list(self.resource.problems(self)))
        execute(f"UPDATE {PLAN} SET state = 'refused' WHERE number IN (SELECT number FROM {PROBLEMS})")
        self.counts = self.count()

    def forgive_spelling(self):
        """A text that an export writes the same way, such as one with a space at its end, stays as it is."""
        texts = [each for each in self.staged if each.is_text and not each.extra]
        if not texts:
            return
        pairs = ", ".join(f"{each.now}, {each.staged}" for each in texts)
        odd = " OR ".join(f"({each.differs} AND {each.oddly_written})" for each in texts)
        rows = select(f"SELECT p.number, {pairs} FROM {self.planned} WHERE p.state = 'changed' AND ({odd})")
        alike = [
            [number for number, *both in rows if says_the_same(*both[2 * place : 2 * place + 2])]
            for place in range(len(texts))
        ]
        for each, numbers in zip(texts, alike, strict=True):
            self.keep_present(each, numbers)
        self.compare_again(sorted(set(chain.from_iterable(alike))))

    def keep_present(self, column, numbers):
        """Put what their rows say now into the cells of a column, so that it stays."""
        for part in parts(numbers):
            execute(
                f'UPDATE {STAGE} AS u SET "{column.name}" = {column.now} FROM {self.joined} '
                f"WHERE u.number = s.number AND u.number IN ({marks(part)})",
                *part,
            )

    def compare_again(self, numbers):
        """Find out once more whether rows change, after what their cells say was changed."""
        for part in parts(numbers):
            execute(
                f"UPDATE {PLAN} AS u SET touched = c.touched, "
                f"state = CASE WHEN c.touched OR c.extra THEN 'changed' ELSE 'unchanged' END FROM ("
                f"SELECT p.number, ({self.touched}) AS touched, ({self.extra}) AS extra FROM {self.planned} "
                f"WHERE p.number IN ({marks(part)})) c WHERE u.number = c.number",
                *part,
            )

    def changing(self):
        """Return the columns of the rows themselves that say something else in at least one row.

        The others are not written: an index or a guard of a column costs even where it stays the same.
        """
        columns = [each for each in self.staged if not each.extra and each.name != self.key]
        if not columns or not self.counts[CHANGED]:
            return []
        any_row = ", ".join(f"max(CASE WHEN {each.differs} THEN 1 ELSE 0 END)" for each in columns)
        [found] = select(f"SELECT {any_row} FROM {self.planned} WHERE p.state = 'changed' AND p.touched")
        return [each for each, differs in zip(columns, found, strict=True) if differs]

    def numbers(self, state):
        """Return the row numbers of a state."""
        return [number for (number,) in select(f"SELECT number FROM {PLAN} WHERE state = %s", state)]

    def lock_query(self, table, owner="id", then="id"):
        """Return the query that locks the rows of a table which belong to changed rows, by these columns."""
        return (
            f"SELECT r.id FROM {table} r JOIN {PLAN} p ON p.id = r.{owner} WHERE p.state = 'changed' "
            f"ORDER BY r.{owner}, r.{then} FOR NO KEY UPDATE OF r"
        )

    # Refusals

    def take_problems(self, problems):
        """Note what is wrong with single cells: lists of [number, name of the column, text, reason].

        A cell that says what its row says now is never refused. Call before make().
        """
        create_table(
            PROBLEMS, {"number": "integer", "name": "varchar(100)", "content": "text", "reason": "text"}
        )
        each_problem = chain.from_iterable(problems)
        while some := list(islice(each_problem, CHUNK)):
            insert_rows(PROBLEMS, some)
        if select(f"SELECT 1 FROM {PROBLEMS} LIMIT 1"):
            for column in self.staged:
                self.forgive_present(column)
        execute(f"UPDATE {STAGE} SET bad = (number IN (SELECT number FROM {PROBLEMS})) WHERE bad")

    def forgive_present(self, column):
        """What a row says already is no mistake, even if nobody could write it today."""
        if column.extra:
            return
        cells = select(
            f"SELECT q.number, q.content, {column.now} FROM {self.joined} "
            f"JOIN {PROBLEMS} q ON q.number = s.number WHERE q.name = %s AND t.id IS NOT NULL",
            column.name,
        )
        same = [number for number, content, now in cells if column.show(now) == content]
        for part in parts(same):
            chosen = f"name = %s AND number IN ({marks(part)})"
            execute(f"DELETE FROM {PROBLEMS} WHERE {chosen}", column.name, *part)
        self.keep_present(column, same)

    def repeated_keys(self):
        """Return [(key, number)] of the rows that the resource could not tell apart."""
        keys = (
            f"SELECT s.number, {self.resource.told_apart} AS k FROM {PLAN} p "
            f"JOIN {STAGE} s ON s.number = p.number"
        )
        twice = f"SELECT k FROM ({keys}) a WHERE k <> '' GROUP BY k HAVING count(*) > 1"
        if not select(f"{twice} LIMIT 1"):
            return []
        return select(f"SELECT k, number FROM ({keys}) b WHERE k IN ({twice}) ORDER BY k, number")

    # What came of it

    def count(self):
        """Return {state: number of rows}."""
        found = dict(select(f"SELECT state, count(*) FROM {PLAN} GROUP BY state"))
        return {state: found.get(state, 0) for state in (NEW, CHANGED, UNCHANGED, REFUSED)}

    def fingerprint(self):
        """Return a text that is another one when another thing would happen: what the rows are, and were."""
        stamps = ", ".join(map(every_stamp, self.resource.stamps))
        [latest] = select(f"SELECT count(t.id), {stamps} FROM {self.planned}")
        return repr((self.rows_digest, sorted(self.counts.items()), [str(each) for each in latest]))


def every_stamp(moment):
    """Return the SQL of what changes with any of the moments.

    Where several people write at once the latest moment is not enough: what was begun before it may be
    committed after it.
    """
    return f"sum(extract(epoch FROM {moment}))" if connection.vendor == "postgresql" else f"max({moment})"


def says_the_same(now, staged):
    """Whether a text that is another one would be written the same way."""
    return now is not None and now != staged and as_text(now) == staged


def parts(numbers):
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))


def marks(values):
    return ", ".join(["%s"] * len(values))
