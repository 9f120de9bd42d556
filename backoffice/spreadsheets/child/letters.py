"""What the bytes of a text file mean as letters. Read piece by piece; the file is never in memory whole."""

import codecs
import re

from backoffice.spreadsheets.child.refused import Refused

BLOCK = 256 * 1024
SAMPLE = 16 * 1024
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# What programs wrote in English, French, Portuguese or Spanish before UTF-8; in doubt it was Windows.
WESTERN = ["cp1252", "mac_roman", "cp850"]
# And elsewhere.
OTHERS = ["cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "koi8_r", "cp852", "cp866", "cp932", "gb18030"]
MIXED = "utf-8, in parts cp1252"
UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}")
# Letters with accents where they may stand, a capital not after a small one, and what office programs set.
SMALL, LARGE = "ß-öø-ÿœ", "À-ÖØ-ÞŒ"
USUAL = re.compile(
    f"(?<=[A-Za-zÀ-ÿ])[{SMALL}]|[{SMALL}](?=[a-zß-ÿ])|(?<![a-zß-ÿ])[{LARGE}]|[\xa0£€©®°•‘’“”–—…«»½¼²³™]"
)


def western(error):
    """Go on in a UTF-8 file at letters that another program wrote in Windows' older way."""
    return error.object[error.start : error.end].decode("cp1252"), error.end


codecs.register_error("western", western)


def find_encoding(file):
    """Return the name of a text file's encoding. Raises Refused for bytes that are not a text."""
    head = file.peek(4)[:4]
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), "")
    if holds_text(file, marked or "utf-8"):
        return marked or "utf-8"
    if marked:
        raise Refused("letters")
    return guess(sample(file))


def holds_text(file, encoding):
    """Whether all of a file is in an encoding. Raises Refused at a NUL, which no text has."""
    decoder = codecs.getincrementaldecoder(encoding)()
    wide = encoding == "utf-16"
    fits = True
    file.seek(0)
    while block := file.read(BLOCK):
        try:
            text = decoder.decode(block) if fits else ""
        except UnicodeDecodeError:
            fits, text = False, ""
        if ("\0" in text) if wide else (b"\0" in block):
            raise Refused("not_text")
    try:
        decoder.decode(b"", final=fits)
    except UnicodeDecodeError:
        return False
    return fits


def sample(file):
    """Return the first lines that are not plain ASCII."""
    file.seek(0)
    found = b""
    while len(found) < SAMPLE and (line := file.readline(SAMPLE)):
        if not line.isascii():
            found += line
    return found


def guess(data):
    """Return the likeliest encoding of a sample that is not UTF-8; Windows' Western one if in doubt."""
    if UTF8_LETTER.search(data):
        return MIXED
    texts = {encoding: data.decode(encoding, "replace") for encoding in WESTERN}
    likeliest = max(WESTERN, key=lambda encoding: len(USUAL.findall(texts[encoding])))
    if looks_western(texts[likeliest]):
        return likeliest
    # Loaded here: nearly all files are UTF-8 or Western.
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=OTHERS).best()
    return best.encoding if best else likeliest


def looks_western(text):
    """Whether most letters have no accent, and most of the others are usual ones."""
    accented = sum(not char.isascii() for char in text)
    plain = sum(char.isascii() and char.isalpha() for char in text)
    return accented <= plain and 2 * len(USUAL.findall(text)) >= accented
