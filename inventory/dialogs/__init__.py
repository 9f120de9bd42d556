from inventory.dialogs.stock import AdjustDialog, CountDialog, IssueDialog, ReceiveDialog
from inventory.dialogs.transfers import TransferDialog

STOCK_DIALOGS = (ReceiveDialog, CountDialog, AdjustDialog, IssueDialog, TransferDialog)
