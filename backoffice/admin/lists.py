import logging

from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.http import HttpResponseRedirect

from backoffice.dashboard import ShortcutFilter, shortcuts
from backoffice.errors import REFUSALS, RuleBroken, refusal_text
from backoffice.filters import BusinessFilter
from backoffice.models import BusinessOwned

logger = logging.getLogger(__name__)

# Every word of a search costs the database work, and nobody types more.
LONGEST_SEARCH = 100

# What a ticked row that is no key ends in.
BAD_KEYS = (ValidationError, ValueError, OverflowError)

# What a list cannot be shown with, whatever stands in its address.
UNSHOWABLE = (
    DisallowedModelAdminLookup,
    IncorrectLookupParameters,
    ValidationError,
    ValueError,
    OverflowError,
    DatabaseError,
)


class SafeLists:
    """Lists that say whose rows they show, and that survive whatever stands in the address."""

    # Both may be said by a subclass: what an empty list means, and what to do about it.
    empty_title = ""
    empty_text = ""

    def get_list_display(self, request):
        """Where rows of several businesses stand side by side, each says whose it is."""
        columns = super().get_list_display(request)
        several = issubclass(self.model, BusinessOwned) and request.business is None
        return [*columns, "business"] if several and "business" not in columns else columns

    def get_list_filter(self, request):
        """The list's own filters, the rows that the index page counts, the business of several."""
        filters = [*super().get_list_filter(request)]
        if self.opts.label in shortcuts():
            filters.insert(0, ShortcutFilter)
        if issubclass(self.model, BusinessOwned) and len(request.businesses) > 1 and not request.business:
            filters.append(BusinessFilter)
        return filters

    def get_list_select_related(self, request):
        related = super().get_list_select_related(request)
        several = "business" in self.get_list_display(request)
        return [*related, "business"] if several and isinstance(related, (list, tuple)) else related

    def lookup_allowed(self, lookup, value, request):
        """Only what the list's own filters ask for."""
        filters = {self.filter_field(each) for each in self.get_list_filter(request)}
        base = lookup.removesuffix("_from").removesuffix("_to").split("__")  # the ends of a range
        endings = {"exact", "isnull", "in", "gte", "lte", "gt", "lt", "id", "pk"}
        return any("__".join(base[:n]) in filters for n in range(1, len(base) + 1)) and (
            base[-1] in endings or "__".join(base) in filters
        )

    @staticmethod
    def filter_field(each):
        first = each[0] if isinstance(each, (tuple, list)) else each
        return first if isinstance(first, str) else getattr(first, "parameter_name", "")

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])

    def changelist_view(self, request, extra_context=None):
        here = HttpResponseRedirect(f"{request.path}?e=1")
        if any("\x00" in part for pair in request.GET.items() for part in pair):
            return here
        try:
            response = super().changelist_view(request, extra_context)
            # Rendered here, because only then are all rows read.
            return response.render() if hasattr(response, "render") else response
        except RuleBroken as rule:
            return self.refused(request, rule)
        except UNSHOWABLE as error:
            if request.method == "POST" and isinstance(error, REFUSALS):
                return self.refused(request, error)
            ticked_nonsense = request.method == "POST" and isinstance(error, BAD_KEYS)
            if not ticked_nonsense and (not request.GET or "e" in request.GET):
                raise
            logger.warning("A list could not be shown as asked.", exc_info=True)
            return here

    def refused(self, request, error):
        """Say why nothing was saved, on the same list."""
        self.message_user(request, refusal_text(error), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
