"""Whose address a request has: the proxies' word counts, the visitor's own does not."""

import pytest
from axes.helpers import get_client_ip_address
from django.test import RequestFactory

VISITOR, PROXY, LIE = "41.90.1.2", "10.0.0.1", "6.6.6.6"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "", PROXY),
        (0, LIE, PROXY),
        (1, VISITOR, VISITOR),
        (1, f"{LIE}, {VISITOR}", VISITOR),
        (2, f"{LIE}, {VISITOR}, 10.0.0.2", VISITOR),
        (1, "", None),
        (2, VISITOR, None),
        (1, "nonsense", None),
    ],
)
def test_the_address_is_the_one_our_own_proxies_saw(settings, proxies, forwarded, seen):
    settings.PROXY_COUNT = proxies
    request = RequestFactory().post("/", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=forwarded)
    assert get_client_ip_address(request) == seen


def test_guesses_from_one_line_count_together_whatever_ipv6_address_it_takes():
    def counted(address):
        return get_client_ip_address(RequestFactory().post("/", REMOTE_ADDR=address))

    assert counted("2001:db8:1:2::7") == counted("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert counted("2001:db8:1:3::7") != counted("2001:db8:1:2::7")
    assert counted("::ffff:41.90.1.2") != counted("::ffff:41.90.1.3")
