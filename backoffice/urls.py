from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from backoffice.media import serve_picture
from backoffice.scoping import switch_business
from backoffice.search import search

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/switch-business/", switch_business, name="switch_business"),
    path("admin/search/", admin.site.admin_view(search), name="search"),
    path("admin/", admin.site.urls),
    path("media/<path:name>", serve_picture, name="media"),
    path("hooks/", include("payments.urls")),
]
