"""How much one file may cost, and how a process is kept to it."""

import resource

MEGABYTE = 1024 * 1024
# A shop's longest list fits many times; more would only be pictures or empty formatting.
MAX_BYTES = 50 * MEGABYTE
# Twice the largest list that is promised to load quickly.
MAX_ROWS = 200_000
MAX_COLUMNS = 300
# 200,000 rows of 20 columns.
MAX_CELLS = 4_000_000
# More are not offered, nor those whose names no spreadsheet program would take.
MAX_SHEETS = 100
LONGEST_SHEET_NAME = 200
# What Excel itself can hold; a text file with more lines is mostly empty ones.
LAST_ROW = 1_048_576
# Thirty full cells of Excel. A line without an end and a quote without its twin both run into it.
LONGEST_ROW = 1_000_000

# A workbook of 60 sheets, with a comment and a drawing on each, has about 200 parts.
MAX_PARTS = 200
# 100,000 rows of 12 columns unpack to 60 MB; three times as much no longer fits into the memory below.
MAX_UNPACKED = 200 * MEGABYTE
# Honest sheets pack 5 to 40 times; a bomb about 1,000 times. Small files may pack well.
MAX_RATIO = 150
RATIO_FROM = 5 * MEGABYTE

# 100,000 rows of 12 columns take 160 MB in a workbook. With what Python takes itself it stays below 256.
MEMORY = 240 * MEGABYTE
# Several times what 100,000 rows take, and less than the patience of whoever waits.
CPU_SECONDS = 8
OPEN_FILES = 16


def limit_process():
    """Keep this process within its memory and time. It cannot write files or start other processes."""
    set_limit(resource.RLIMIT_AS, mapped_bytes() + MEMORY)
    set_limit(resource.RLIMIT_CPU, CPU_SECONDS)
    set_limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    for nothing in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
        set_limit(nothing, 0)


def set_limit(what, amount):
    """Lower a limit; one that is lower already stays."""
    soft, hard = resource.getrlimit(what)
    known = [each for each in (soft, hard) if each != resource.RLIM_INFINITY]
    amount = min([amount, *known])
    resource.setrlimit(what, (amount, amount))


def mapped_bytes():
    """Return the address space in use; 64 MB on a system that does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 64 * MEGABYTE
