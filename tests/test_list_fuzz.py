"""Whatever stands in a list's address: a page or a way back to one, never a server error."""

import re
from time import monotonic

import pytest
from django.contrib import admin
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.people.models import Business
from tests.builders import make_business, make_order, make_user

pytestmark = pytest.mark.django_db

FIELDS = ["name", "status", "business", "customer", "category", "price", "stock", "created_at", "id", "order"]
LOOKUPS = [
    "",
    "__exact",
    "__regex",
    "__iregex",
    "__isnull",
    "__in",
    "__gte",
    "__range",
    "__id",
    "__business__name",
    "__x",
]
ODD = [
    "",
    "(",
    "[",
    "\x00",
    "\ud83d\ude00",
    "9" * 40,
    "-1",
    "1e400",
    "NaN",
    "2026-02-31",
    "' OR 1=1 --",
    "%",
    "a" * 3000,
]
TROUBLE = ["{}__regex", "{}__password__startswith", "{}"]
keys = st.one_of(
    st.builds("{}{}".format, st.sampled_from(FIELDS), st.sampled_from(LOOKUPS)),
    st.sampled_from(["q", "o", "p", "e", "all", "_facets", "_popup", "_to_field", "list_editable", "action"]),
    st.text(max_size=12),
)
values = st.one_of(st.sampled_from(ODD), st.text(max_size=30), st.integers().map(str))
queries = st.lists(st.tuples(keys, values), max_size=4)

LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
]


@pytest.fixture
def clerk(client):
    business = make_business()
    make_order(business)
    client.force_login(make_user(is_superuser=True))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("address", LISTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries)
def test_a_list_survives_any_query(clerk, address, query):
    params = {key: value.encode("utf-8", "replace") for key, value in query}
    assert clerk.get(address, params).status_code < 500


@pytest.mark.parametrize("address", LISTS)
def test_a_list_survives_the_known_troublemakers(clerk, address):
    broken = []
    for odd in (odd.encode("utf-8", "surrogatepass") for odd in ODD):
        queries = [{lookup.format(name): odd for name in FIELDS} for lookup in TROUBLE]
        for query in [*queries, {"q": odd}, {"p": odd}]:
            if clerk.get(address, query).status_code >= 500:
                broken.append(query)
    assert not broken


@pytest.mark.parametrize("address", LISTS)
def test_ticked_rows_that_are_no_keys_lead_back_to_the_list(clerk, address):
    for action in re.findall(r'<option value="(\w+)"', clerk.get(address).text):
        for key in ("nonsense", "x\x00y", "9" * 40):
            data = {"action": action, "_selected_action": key}
            assert clerk.post(address, data).status_code < 500, (action, key)


@pytest.mark.parametrize("address", LISTS)
def test_a_search_of_thousands_of_words_is_cut_short(clerk, address):
    began = monotonic()
    assert clerk.get(address, {"q": "a " * 1800}).status_code < 500
    assert monotonic() - began < 5


def test_suggestions_survive_thousands_of_words(clerk):
    field = {"app_label": "sales", "model_name": "order", "field_name": "customer"}
    assert clerk.get("/admin/autocomplete/", {**field, "term": "a " * 1800}).status_code < 500


@pytest.mark.parametrize("address", ["/admin/sales/order/customers/", "/admin/sales/order/products/"])
def test_suggestions_for_an_order_survive_thousands_of_words(clerk, address):
    assert clerk.get(address, {"term": "a " * 1800, "business": Business.objects.get().pk}).status_code < 500


@pytest.mark.parametrize("address", LISTS)
def test_an_unknown_row_is_a_way_back_not_an_error(clerk, address):
    for key in (
        "nonsense",
        "9" * 40,
        "00000000-0000-0000-0000-000000000000",
        "%00",
        "_5F",
        "(((",
        "a" * 2000,
    ):
        for page in ("change", "delete", "history", "history/99999999999999999999"):
            assert clerk.get(f"{address}{key}/{page}/").status_code < 500
