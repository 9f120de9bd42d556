"""What every admin page shares: scope first, rights per business, read-only history, moves as buttons."""

from backoffice.admin.base import BackOfficeAdmin
from backoffice.admin.buttons import counted
from backoffice.admin.scope import BackOfficeInline

__all__ = ["BackOfficeAdmin", "BackOfficeInline", "counted"]
