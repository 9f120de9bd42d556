"""The zip around a workbook, looked at before anything is unpacked."""

import zipfile

from backoffice.spreadsheets.child.limits import MAX_PARTS, MAX_RATIO, MAX_UNPACKED, RATIO_FROM
from backoffice.spreadsheets.child.refused import Refused

ENCRYPTED = 0x1
# A document type stands before the first element.
HEAD = 4096
# LibreOffice lists the parts of a workbook here, and which of them are encrypted.
MANIFEST = 1024 * 1024


def check_archive(file, size):
    """Return the kind of workbook in a zip of `size` bytes: xlsx or ods. Raises Refused."""
    try:
        with zipfile.ZipFile(file) as archive:
            check_parts(archive.infolist(), size)
            check_heads(archive)
            return kind_of(archive)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # a damaged zip fails in many ways
        raise Refused("unreadable") from error


def check_parts(parts, size):
    """Refuse what would unpack to too much, what leads out of its folder and what is encrypted."""
    unpacked = sum(part.file_size for part in parts)
    too_dense = unpacked > RATIO_FROM and unpacked > MAX_RATIO * size
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or too_dense:
        raise Refused("too_large")
    for part in parts:
        steps = part.filename.replace("\\", "/").split("/")
        if ".." in steps or not steps[0] or ":" in steps[0]:
            raise Refused("unreadable")
        if part.flag_bits & ENCRYPTED:
            raise Refused("password")


def check_heads(archive):
    """Refuse XML that declares a document type: no office program writes one, bombs of entities do."""
    for part in archive.infolist():
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as file:
                head = file.read(HEAD)
            if b"<!DOCTYPE" in head.replace(b"\0", b"").upper():  # without NUL, UTF-16 reads like ASCII
                raise Refused("unreadable")


def kind_of(archive):
    names = {part.filename.replace("\\", "/").lower() for part in archive.infolist()}
    if "xl/workbook.bin" in names:
        raise Refused("binary_workbook")
    if "[content_types].xml" in names:
        return "xlsx"
    if "content.xml" in names:
        with archive.open("META-INF/manifest.xml") as file:
            if b"encryption-data" in file.read(MANIFEST):
                raise Refused("password")
        return "ods"
    raise Refused("zip")
