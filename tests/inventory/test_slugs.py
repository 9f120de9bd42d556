from django.utils.text import slugify
from hypothesis import given
from hypothesis import strategies as st

from inventory.models.slug import quick_slug


@given(st.text() | st.text(st.characters(codec="ascii")))
def test_the_quick_way_to_a_slug_leads_to_the_same_slug(text):
    assert quick_slug(text) == slugify(text)
