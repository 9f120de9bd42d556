import pytest


@pytest.fixture
def file(tmp_path):
    """Return a function that writes bytes and returns where they are."""

    def write(data, name="upload"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write
