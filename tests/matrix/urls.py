"""Every address of the site, read from the resolver."""

from dataclasses import dataclass

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RegexPattern


@dataclass(frozen=True)
class Address:
    """One pattern: its name with namespace, and how many values it takes."""

    name: str
    arity: int


def addresses(resolver=None, namespace="", arity=0):
    """Yield every address below a resolver. A pattern without a name goes by its route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        total = arity + count_values(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(":".join(filter(None, [namespace, pattern.name or str(pattern.pattern)])), total)
        else:
            yield from addresses(pattern, pattern.namespace or namespace, total)


def count_values(route):
    return route.regex.groups if isinstance(route, RegexPattern) else len(route.converters)
