"""The one engine behind every ImportResource.

cleaning: cells become values, with a reason for each that cannot; written to a file of rows.
stage:    that file in a temporary table (COPY on PostgreSQL, executemany on SQLite).
plan:     what would become of each row, found by one join with the table that it is about.
preview:  counts, the first rows of each kind, and a file of the refused ones.
writing:  the plan, in the transaction of the caller, with a history row for each row that changes.
undoing:  the same backwards, as long as nobody touched the rows since.
"""
