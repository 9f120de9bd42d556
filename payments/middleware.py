"""Deliveries pass by what is there for people."""

from django.urls import Resolver404, resolve


def straight_to_hooks(get_response):
    """Answer a provider before anything asks for a session, a language, a host name or https.

    A delivery has none of these, costs half as much without them, and can be led nowhere else: a redirect
    would lose it. It has to come first in MIDDLEWARE.
    """

    def answer(request):
        found = hook_at(request.path_info)
        return found.func(request, **found.kwargs) if found else get_response(request)

    return answer


def hook_at(path):
    """Return what the resolver finds at a path where providers deliver, or None."""
    if not path.startswith("/hooks/"):
        return None
    try:
        found = resolve(path)
    except Resolver404:
        return None
    return found if getattr(found.func, "is_hook", False) else None
