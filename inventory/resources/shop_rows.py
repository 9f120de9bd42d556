"""Rows of a web shop's export by the headings that its own program gives them."""

from backoffice.spreadsheets.columns import heading_key


class ShopRows:
    """Reads cells by name: `names` are {what we call it: [heading keys, the first that is there counts]}."""

    def __init__(self, headings, names):
        places = {heading_key(heading): at for at, heading in reversed(list(enumerate(headings))) if heading}
        found = {
            name: next((places[key] for key in keys if key in places), None) for name, keys in names.items()
        }
        self.places = {name: at for name, at in found.items() if at is not None}
        self.all_names = list(names)

    def __contains__(self, name):
        return name in self.places

    def read(self, cells):
        """Return {name: text} of a row; what the file does not have is empty."""
        row = dict.fromkeys(self.all_names, "")
        for name, at in self.places.items():
            if at < len(cells):
                row[name] = cells[at]
        return row


def heading_keys(headings):
    return {heading_key(heading) for heading in headings if heading}


def yes_or_no(is_yes):
    """Return what our column Active says."""
    return "TRUE" if is_yes else "FALSE"


def with_options(name, options):
    """Return the name of a variant: `T-shirt - Red / L`."""
    options = " / ".join(filter(None, options))
    return f"{name} - {options}" if options else name
