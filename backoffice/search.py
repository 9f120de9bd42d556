"""Search from every page (Ctrl+K): orders, products, customers, and the pages of the sidebar.

It stands before the theme's own search, which keeps a person's results for five minutes: too long when
his rights or the business shown change meanwhile. Nothing is kept here.
"""

import time

from django.apps import apps
from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.dataclasses import SearchResult

from backoffice.admin.lists import LONGEST_SEARCH
from backoffice.navigation import navigation

MOST = 10
SEARCHED = {"sales.Order": "receipt_long", "inventory.Product": "sell", "people.Customer": "person"}


def search(request):
    """Return what the search window shows for the term `s`."""
    began = time.perf_counter()
    term = request.GET.get("s", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    if not term:
        return HttpResponse()
    found = [*find_pages(request, term)]
    for label, icon in SEARCHED.items():
        found += find_rows(request, apps.get_model(label), term, icon)
    page = Paginator(found, len(found) or 1).page(1)
    context = {
        "results": page,
        "page_obj": page.paginator,
        "page_counter": 0,
        "execution_time": time.perf_counter() - began,
    }
    extended = "extended" in request.GET
    template = f"unfold/helpers/{'command' if extended else 'search'}_results.html"
    return TemplateResponse(request, template, context, headers={"HX-Trigger": "search"})


def find_pages(request, term):
    for group in navigation(request):
        for item in group["items"]:
            if term.lower() in str(item["title"]).lower():
                yield SearchResult(
                    title=str(item["title"]),
                    description=str(group["title"] or ""),
                    link=item["link"],
                    icon=item["icon"],
                )


def find_rows(request, model, term, icon):
    """Return the first rows of a model that its own list would find: scoped, with the rights of the list."""
    pages = admin.site._registry.get(model)
    if pages is None or not pages.has_view_permission(request):
        return []
    rows, duplicates = pages.get_search_results(request, pages.get_queryset(request), term)
    rows = rows.distinct() if duplicates else rows
    opts = model._meta
    return [
        SearchResult(
            title=str(row),
            description=describe(row),
            link=reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk]),
            icon=icon,
        )
        for row in rows[:MOST]
    ]


def describe(row):
    """A few words beside the row's name: its phone, its status or what kind of thing it is."""
    words = [getattr(row, "phone", None), row.get_status_display() if hasattr(row, "status") else None]
    return " · ".join(str(word) for word in words if word) or str(row._meta.verbose_name)
