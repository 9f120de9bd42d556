from backoffice.imports.models.job import ImportJob, ImportStatus
from backoffice.imports.models.mapping import ColumnMapping

__all__ = ["ColumnMapping", "ImportJob", "ImportStatus"]
