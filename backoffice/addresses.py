from ipaddress import IPv6Address, ip_address

from django.conf import settings


def client_address(request):
    """Return the visitor's IP address, or None where nobody knows it.

    Each of our PROXY_COUNT proxies adds one entry to X-Forwarded-For; what stands left of them was
    written by the visitor and is not read.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_COUNT:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        found = hops[-settings.PROXY_COUNT] if len(hops) >= settings.PROXY_COUNT else ""
    try:
        return str(ip_address(found.strip()))
    except ValueError:
        return None


def guesser_address(request):
    """Return the address under which wrong passwords are counted; of IPv6 the network that one line gets."""
    found = client_address(request)
    address = ip_address(found) if found else None
    if not isinstance(address, IPv6Address) or address.ipv4_mapped:
        return found
    return str(IPv6Address(int(address) >> 64 << 64))
