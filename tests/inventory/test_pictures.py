"""Only real pictures of reasonable size get in, and only their pixels are kept."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from inventory.pictures import KEPT_SIZE, MOST_BYTES, PictureField

GPS = 0x8825


def picture(kind="PNG", size=(60, 40), mode="RGB", **options):
    drawn = BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else 0).save(drawn, kind, **options)
    return drawn.getvalue()


def clean(data, name="photo.jpg"):
    return PictureField().clean(SimpleUploadedFile(name, data))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb():
    """A PNG of a few bytes whose header promises 13,000 x 13,000 pixels."""
    header = struct.pack(">IIBBBBB", 13_000, 13_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def animation():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    drawn = BytesIO()
    frames[0].save(drawn, "WEBP", save_all=True, append_images=frames[1:])
    return drawn.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode", "extension"),
    [
        ("JPEG", "RGB", "jpg"),
        ("JPEG", "CMYK", "jpg"),
        ("JPEG", "L", "jpg"),
        ("PNG", "RGBA", "png"),
        ("PNG", "P", "png"),
        ("PNG", "I;16", "png"),
        ("WEBP", "RGB", "webp"),
    ],
)
def test_a_photo_is_drawn_anew_in_its_own_format(kind, mode, extension):
    kept = clean(picture(kind, mode=mode), name="../../etc/passwd.php")
    assert kept.name == f"picture.{extension}"
    with Image.open(kept) as image:
        assert (image.format, image.size) == (kind, (60, 40))


def test_where_a_photo_was_taken_is_forgotten_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "secret"
    exif.get_ifd(GPS)[2] = (1.0, 17.0, 0.0)
    kept = clean(picture("JPEG", exif=exif) + b"<?php appended ?>")
    with Image.open(kept) as image:
        assert image.size == (40, 60)
        assert not image.getexif()
    assert b"secret" not in kept.read() + kept.file.getvalue()
    assert b"php" not in kept.file.getvalue()


def test_a_large_photo_is_made_smaller_and_of_an_animation_one_frame_is_kept():
    with Image.open(clean(picture("JPEG", size=(4000, 3000)))) as image:
        assert image.size == (KEPT_SIZE[0], 750)
    with Image.open(clean(animation())) as image:
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(picture("GIF"), id="gif"),
        pytest.param(picture("BMP"), id="bmp"),
        pytest.param(picture("TIFF"), id="tiff"),
        pytest.param(picture("ICO"), id="ico"),
        pytest.param(picture("PCX"), id="pcx"),
        pytest.param(picture("TGA"), id="tga"),
        pytest.param(picture("EPS"), id="eps"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", id="postscript"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', id="svg"),
        pytest.param(b"<html><script>alert(1)</script></html>", id="html named jpg"),
        pytest.param(picture("JPEG", size=(900, 900))[:-400], id="truncated jpeg"),
        pytest.param(picture("PNG")[:-30], id="truncated png"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\x00" * 500, id="only the magic bytes"),
    ],
)
def test_what_is_no_jpeg_png_or_webp_or_is_damaged_is_refused(data):
    with pytest.raises(ValidationError, match="not a JPEG, PNG or WebP picture, or it is damaged"):
        clean(data)


def test_too_many_bytes_and_too_many_pixels_are_refused_before_they_are_unpacked():
    with pytest.raises(ValidationError, match="at most 5 MB"):
        clean(picture() + b"\x00" * MOST_BYTES)
    with pytest.raises(ValidationError, match="too many pixels"):
        clean(bomb())
    with pytest.raises(ValidationError, match="too many pixels"):
        clean(picture("PNG", size=(5001, 5000), mode="1"))
    assert clean(picture("PNG", size=(5000, 5000), mode="1"))


def test_no_new_picture_keeps_the_old_one_and_an_empty_file_is_refused():
    field = PictureField(required=False)
    assert field.clean(None, "old.jpg") == "old.jpg"
    assert field.clean(False, "old.jpg") is False
    with pytest.raises(ValidationError, match="empty"):
        clean(b"")
