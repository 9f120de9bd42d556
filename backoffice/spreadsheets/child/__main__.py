"""`python -m backoffice.spreadsheets.child look PATH` or `... rows PATH SHEET AFTER`."""

import gc
import os
import sys

from backoffice.spreadsheets.child.limits import limit_process
from backoffice.spreadsheets.child.refused import Refused
from backoffice.spreadsheets.child.reply import say, say_look, say_rows

HEAD = 512


def open_source(path):
    """Return the table in a file, by what it holds and not by its name. Raises Refused."""
    file = open(path, "rb")  # noqa: SIM115  (the process ends with it)
    head = file.peek(HEAD)[:HEAD]
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        from backoffice.spreadsheets.child.workbook import Workbook

        return Workbook(file, os.fstat(file.fileno()).st_size, head)
    from backoffice.spreadsheets.child.text import Text

    return Text(file, head)


def main(what, path, sheet="", after="0"):
    limit_process()
    gc.disable()  # rows hold no circles
    try:
        source = open_source(path)
        if what == "look":
            say_look(source)
        else:
            say_rows(source.rows(sheet), int(after))
        say(end=True)
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more
    except Refused as refused:
        say(refused=refused.code, **refused.facts)
    except UnicodeDecodeError:
        say(refused="letters")
    except MemoryError:
        say(refused="too_large")
    except BaseException:  # whatever a broken file makes a library stumble over; its panics are no Exception
        say(refused="unreadable")


if __name__ == "__main__":
    main(*sys.argv[1:])
