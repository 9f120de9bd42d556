from django import template

register = template.Library()


@register.inclusion_tag("backoffice/business_bar.html", takes_context=True)
def business_bar(context):
    """The band that says at the top of every page in which business one works, and changes it.

    On the page of a row it shows the business of the row, whichever is chosen.
    """
    businesses = context.get("businesses") or []
    current = context.get("current_business")
    owner = getattr(context.get("original"), "business_id", None)
    return {
        "businesses": businesses,
        "current": current,
        "shown": next((each for each in businesses if each.pk == owner), current),
    }
