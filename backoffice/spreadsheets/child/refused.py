class Refused(Exception):
    """A file that is not read. `code` names a sentence of backoffice/spreadsheets/refusals.py."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code = code
        self.facts = facts
