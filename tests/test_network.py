import socket

import pytest
import requests


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80), ("example.org", 443)])
def test_no_test_reaches_another_machine(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as line, pytest.raises(AssertionError, match="tried to reach"):
        line.connect(address)


def test_libraries_are_held_back_too():
    with pytest.raises(AssertionError, match="tried to reach"):
        requests.get("http://192.0.2.1/", timeout=1)


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
