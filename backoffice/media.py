import re

from django.contrib.admin.views.decorators import staff_member_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

PICTURE = re.compile(r"products/(?P<business>[0-9a-f-]{36})/\w+\.(jpg|png|webp)", re.ASCII)


@staff_member_required
def serve_picture(request, name):
    """Send a picture from products/<business>/ to that business's staff, and nothing else."""
    own = {str(each.pk) for each in request.businesses}
    # A name with more parts, or with .., could lead from the own folder to another's.
    found = PICTURE.fullmatch(name)
    if not found or found["business"] not in own or not default_storage.exists(name):
        raise Http404
    response = FileResponse(default_storage.open(name))
    response["Cache-Control"] = "private, max-age=86400"
    return response
