"""Where deliveries come from. M-Pesa signs nothing, so the address is one more sign, and no proof."""

from ipaddress import ip_address

from django.conf import settings

# Safaricom's portal, the lists of integrators, and one that was seen.
SAFARICOM = {
    "196.201.212.69",
    "196.201.212.74",
    "196.201.212.127",
    "196.201.212.128",
    "196.201.212.129",
    "196.201.212.132",
    "196.201.212.136",
    "196.201.212.138",
    "196.201.213.44",
    "196.201.213.114",
    "196.201.214.200",
    "196.201.214.206",
    "196.201.214.207",
    "196.201.214.208",
}


def is_safaricom(address):
    """Whether Safaricom delivers from this address; where the simulator stands in, this machine does."""
    if address and settings.PAYMENT_SIMULATOR_URL and ip_address(address).is_loopback:
        return True
    return address in SAFARICOM
