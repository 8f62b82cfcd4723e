"""What tests of reminders on the web share: the form, and signing up with it."""

import httpx
from sqlalchemy import text

from bot.post.links import Purpose
from tests.reminding import sealed
from tests.web.document import read
from tests.web.serving import Site

ADDRESS = "Anna.Ozola@example.org"
KA220 = "2026-ka220-r1"
OURS = {"Sec-Fetch-Site": "same-origin"}
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
FORM = {"email": ADDRESS, "action": ["KA210", "KA220"], "sector": "VET", "consent": "yes"}


async def signed_up(site: Site, client: httpx.AsyncClient, address: str = ADDRESS) -> str:
    """Sign up, confirm by the link, and return the address of the person's own page."""
    assert (await client.post("/reminders", data={**FORM, "email": address})).status_code == 200
    token = await sealed(site.noon, Purpose.CONFIRM, address)
    assert (await client.post(f"/confirm/{token}")).status_code == 200
    return f"/reminders/{await sealed(site.noon, Purpose.MANAGE, address)}"


async def waiting(site: Site) -> int:
    """Return how many reminders are planned."""
    query = text("SELECT count(*) FROM outbox WHERE state = 'planned' AND kind <> 'confirmation'")
    async with site.noon.database.read() as connection:
        return int((await connection.execute(query)).scalar_one())


def title(answer: httpx.Response) -> str:
    return read(answer.text).one("h1").words
