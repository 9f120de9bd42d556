"""Zips written byte by byte, so that a small file can unpack to a great one, or lie about what it holds."""

import struct
import zlib
from dataclasses import dataclass

BLOCK = 1_000_000


@dataclass
class Part:
    """A part of a zip as its headers describe it; what they say need not be true."""

    name: str
    packed: bytes
    crc: int = 0
    size: int = 1000
    flags: int = 0
    method: int = 8
    local_name: str = ""
    packed_size: int | None = None


def part(name, content, **lies):
    """Return an honest part, or one with some lies."""
    content = content.encode() if isinstance(content, str) else content
    true = {"crc": zlib.crc32(content), "size": len(content)}
    return Part(name, deflated(content, zlib.Z_FINISH), **{**true, **lies})


def repeated(name, before, unit, times, after="", *, honest):
    """Return a part with a text repeated millions of times; only an honest one admits its size."""
    per_block = max(BLOCK // len(unit), 1)
    blocks = max(times // per_block, 1)
    # A piece that was flushed fully can be copied behind itself: nothing is packed twice.
    block = deflated((unit * per_block).encode(), zlib.Z_FULL_FLUSH)
    packed = (
        deflated(before.encode(), zlib.Z_FULL_FLUSH)
        + block * blocks
        + deflated(after.encode(), zlib.Z_FINISH)
    )
    size = len(before) + len(unit) * per_block * blocks + len(after)
    return Part(name, packed, size=size if honest else 100_000)


def deflated(data, flush):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(flush)


def zip_of(parts):
    """Return the bytes of a zip."""
    out, folder = b"", b""
    for each in parts:
        local, name = (each.local_name or each.name).encode(), each.name.encode()
        packed = len(each.packed) if each.packed_size is None else each.packed_size
        facts = struct.pack("<HHHHIII", each.flags, each.method, 0, 33, each.crc, packed, each.size)
        folder += b"PK\x01\x02" + struct.pack("<HH", 20, 20) + facts
        folder += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, len(out)) + name
        out += (
            b"PK\x03\x04"
            + struct.pack("<H", 20)
            + facts
            + struct.pack("<HH", len(local), 0)
            + local
            + each.packed
        )
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(folder), len(out), 0)
    return out + folder + b"PK\x05\x06" + end


def book_with(special, parts, picture=b""):
    """Return a workbook of {name: text} in which one part is replaced by a special one.

    A large picture makes the zip look as if it were not packed densely.
    """
    kept = [part(name, content) for name, content in parts.items() if name != special.name]
    pictures = (
        [Part("xl/media/image1.png", picture, zlib.crc32(picture), len(picture), method=0)] if picture else []
    )
    return zip_of([*kept, special, *pictures])
