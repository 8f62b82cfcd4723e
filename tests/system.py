"""What tests ask of the machine they run on."""

import os

import pytest


def require(available: bool, what: str) -> None:
    """Let the test go on if `available`; otherwise skip it, or fail it where CI=true.

    `what` names the missing thing ("node 20 or newer (npm)") and is part of the reason shown.
    Raises pytest's skip or fail outcome, so it also works inside fixtures.
    """
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"this test needs {what}, which CI must have", pytrace=False)
    pytest.skip(f"this test needs {what}")
