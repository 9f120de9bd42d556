"""How fast spreadsheets go in and out, against stock packages and bare SQL: see docs/performance.md."""
