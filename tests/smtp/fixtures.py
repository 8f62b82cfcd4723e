"""Fixtures of the SMTP tests; named as a plugin by the modules that use them."""

from __future__ import annotations

import pytest

from tests.smtp.clients import CLIENTS, Client


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    """Each of the two clients."""
    return CLIENTS[request.param]
