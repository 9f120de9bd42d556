"""Product pictures: only real photographs of reasonable size get in, and nothing but their pixels is kept."""

from io import BytesIO

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

# What Pillow may try to read; others, such as EPS, start whole interpreters.
FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 25_000_000
# Enough for a shop window; lists show it small.
KEPT_SIZE = (1000, 1000)


class PictureField(forms.FileField):
    """An upload that becomes a clean JPEG, PNG or WebP of at most 1000 x 1000 pixels."""

    default_error_messages = {
        "too_big": _("The picture has %(size)s; at most 5 MB are accepted."),
        "too_many_pixels": _("The picture has too many pixels; at most 25 million are accepted."),
        "not_a_picture": _("This is not a JPEG, PNG or WebP picture, or it is damaged."),
    }

    def to_python(self, data):
        upload = super().to_python(data)
        return upload and self.redraw(upload)

    def redraw(self, upload):
        """Return the upload drawn anew; raises ValidationError when it is no acceptable picture."""
        if upload.size > MOST_BYTES:
            raise self.error("too_big", size=filesizeformat(upload.size))
        upload.seek(0)
        try:
            # The size stands in the header, so a small file that unpacks to gigabytes is seen here.
            picture = Image.open(upload, formats=[*FORMATS])
            if picture.width * picture.height > MOST_PIXELS:
                raise self.error("too_many_pixels")
            return encode(picture)
        except ValidationError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise self.error("too_many_pixels") from error
        except Exception as error:  # a damaged file can break a decoder in any way
            raise self.error("not_a_picture") from error

    def error(self, code, **values):
        return ValidationError(self.error_messages[code], code=code, params=values)


def encode(picture):
    """Return the first frame, upright and small enough, without EXIF, comments or anything appended."""
    kind = picture.format
    picture = ImageOps.exif_transpose(picture)
    picture = picture.convert("RGBA" if picture.has_transparency_data and kind != "JPEG" else "RGB")
    picture.thumbnail(KEPT_SIZE)
    picture.info.clear()
    drawn = BytesIO()
    picture.save(drawn, kind, quality=85, optimize=True)
    return ContentFile(drawn.getvalue(), name=f"picture.{FORMATS[kind]}")
