"""The pages of the import desk: choose a file, say what its columns mean, look, confirm, undo."""

from backoffice.imports.admin.jobs import ImportJobAdmin
from backoffice.imports.admin.mappings import ColumnMappingAdmin

__all__ = ["ColumnMappingAdmin", "ImportJobAdmin"]
