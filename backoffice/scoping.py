"""Which businesses a request may touch. Queries on rows of a business raise outside a scope."""

from contextlib import contextmanager
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.http import HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_scopes import get_scope, scope

SESSION_KEY = "business"


def active_businesses():
    """Return the ids of the businesses in the active scope; empty outside one (fails closed)."""
    return get_scope().get("business", [])


@contextmanager
def business_scope(*businesses):
    """Let the code inside touch the rows of these businesses and no others."""
    with scope(business=[getattr(each, "pk", each) for each in businesses]):
        yield


@contextmanager
def every_business():
    """Let the code inside touch the rows of all businesses: for machines, never for a person's request."""
    from backoffice.people.models import Business

    with business_scope(*Business.objects.values_list("pk", flat=True)):
        yield


def accessible_businesses(user):
    """Return the active businesses the person has a role in; a superuser has all of them."""
    from backoffice.people.models import Business

    if not user.is_authenticated or not user.is_active or not user.is_staff:
        return []
    businesses = Business.objects.filter(is_active=True)
    if not user.is_superuser:
        accesses = user.accesses.model.objects.with_scopes_disabled()
        businesses = businesses.filter(pk__in=accesses.filter(user=user).values("business"))
    return list(businesses)


class ScopeMiddleware:
    """Open the scope of the person's businesses, or of the one chosen in the switcher, around the request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.businesses = accessible_businesses(request.user)
        chosen = request.session.get(SESSION_KEY) if request.user.is_authenticated else None
        request.business = next((each for each in request.businesses if str(each.pk) == chosen), None)
        if len(request.businesses) == 1:
            request.business = request.businesses[0]
        active = [request.business] if request.business else request.businesses
        zones = {each.time_zone for each in active}
        with business_scope(*active):
            if len(zones) == 1:
                with timezone.override(ZoneInfo(zones.pop())):
                    return self.get_response(request)
            return self.get_response(request)


def business_switcher(request):
    """Template context: the businesses to switch between and the one chosen (None means all)."""
    return {
        "businesses": getattr(request, "businesses", []),
        "current_business": getattr(request, "business", None),
    }


@require_POST
def switch_business(request):
    """Remember the chosen business in the session; an unknown or empty choice means all of one's own."""
    chosen = request.POST.get("business", "")
    if request.user.is_authenticated:  # a stranger could fill the table of sessions
        own = {str(each.pk) for each in request.businesses}
        request.session[SESSION_KEY] = chosen if chosen in own else ""
    return HttpResponseRedirect(list_behind(request.headers.get("Referer", "")))


def list_behind(address):
    """Return the list an admin page belongs to: its row may not exist in the business switched to."""
    home = reverse("admin:index")
    try:
        parts = urlsplit(address).path.strip("/").split("/")[:3]
        path = f"/{'/'.join(parts)}/"
        is_list = path.startswith(home) and str(resolve(path).url_name).endswith("_changelist")
    except (ValueError, Resolver404):
        return home
    return path if is_list else home
