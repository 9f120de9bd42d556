from payments.resources.bank_statement import BankStatementResource
from payments.resources.mpesa_statement import MpesaStatementResource

__all__ = ["BankStatementResource", "MpesaStatementResource"]
