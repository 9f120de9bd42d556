"""How the back office looks: django-unfold's settings. What the sidebar says is in navigation.py.

Loaded by settings.py, hence names as strings and imports inside functions.
"""

from django.utils.translation import gettext_lazy as _

# Deep teal; 600 carries white text at more than 4.5 to 1, 500 is the text colour on dark pages.
TEAL = {
    "50": "oklch(98.2% 0.012 184)",
    "100": "oklch(95% 0.032 184)",
    "200": "oklch(90% 0.06 184)",
    "300": "oklch(84% 0.09 184)",
    "400": "oklch(76% 0.112 185)",
    "500": "oklch(68% 0.108 186)",
    "600": "oklch(49% 0.083 188)",
    "700": "oklch(43.5% 0.074 189)",
    "800": "oklch(37% 0.062 190)",
    "900": "oklch(32% 0.052 191)",
    "950": "oklch(24% 0.04 193)",
}
STONE = {
    "50": "oklch(98.3% 0.003 200)",
    "100": "oklch(96.4% 0.004 200)",
    "200": "oklch(92.3% 0.005 200)",
    "300": "oklch(86.6% 0.007 205)",
    "400": "oklch(70.5% 0.013 210)",
    "500": "oklch(54.5% 0.016 215)",
    "600": "oklch(44% 0.018 218)",
    "700": "oklch(36.5% 0.019 220)",
    "800": "oklch(27.4% 0.017 222)",
    "900": "oklch(21% 0.015 224)",
    "950": "oklch(14% 0.012 226)",
}


def environment(request):
    """The badge that says that nothing here is real."""
    from django.conf import settings

    return [_("Demo"), "warning"] if settings.DEMO else None


def static_file(name):
    def address(request):
        from django.templatetags.static import static

        return static(name)

    return address


UNFOLD = {
    "SITE_TITLE": _("Back office"),
    "SITE_HEADER": _("Back office"),
    "SITE_URL": None,
    "SITE_ICON": static_file("backoffice/logo.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": static_file("backoffice/logo.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": TEAL, "base": STONE},
    "STYLES": [static_file("backoffice/backoffice.css")],
    "SCRIPTS": [static_file("backoffice/network.js")],
    "ENVIRONMENT": "backoffice.sidebar.environment",
    "DASHBOARD_CALLBACK": "backoffice.dashboard.show",
    # backoffice/search.py answers in the place of the theme's own search, which remembers too long.
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "backoffice.navigation.navigation",
    },
}
