"""Select boxes that ask the server for suggestions."""

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError


class SuggestingSelect(AutocompleteSelect):
    """Like Django's own, but a value that can be no key does not break the page that refuses it."""

    def optgroups(self, name, value, attrs=None):
        return super().optgroups(name, [each for each in value if self.can_be_key(each)], attrs)

    def can_be_key(self, value):
        try:
            self.field.target_field.to_python(value)
        except ValidationError:
            return False
        return True
