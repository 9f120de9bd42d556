"""List filters that several apps need."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter


class BusinessFilter(DropdownFilter):
    """One of the businesses shown. Django's own filter would name those of other people too."""

    title = _("business")
    parameter_name = "business"

    def lookups(self, request, model_admin):
        return [(str(each.pk), each.name) for each in request.businesses]

    def queryset(self, request, queryset):
        chosen = [each for each in request.businesses if str(each.pk) == self.value()]
        return queryset.filter(business=chosen[0]) if chosen else queryset


class InclusiveDateFilter(RangeDateFilter):
    """From one day to another, both whole, in the time zone of the business.

    The theme's own filter compares a moment with midnight, so that "today to today" finds nothing.
    """

    def queryset(self, request, queryset):
        first, last = self.day("from"), self.day("to")
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": midnight(first)})
        if last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": midnight(last + timedelta(days=1))})
        return queryset

    def day(self, end):
        """Return the date that was asked for, or None when it is missing or is no date."""
        try:
            return parse_date(str(self.used_parameters.get(f"{self.parameter_name}_{end}") or ""))
        except ValueError:
            return None


def midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
