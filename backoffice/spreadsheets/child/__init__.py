"""The process that parses a file somebody sent: `python -m backoffice.spreadsheets.child`.

It knows nothing of Django, settings or the database. It takes a path, answers with lines of JSON on its
output, and dies rather than take more memory or time than limits.py allows.
"""
