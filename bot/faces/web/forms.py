"""What a form brought, as text that every database takes."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request


@dataclass(frozen=True)
class Form:
    """The fields of a form; one that was not sent is empty."""

    fields: dict[str, list[str]] = field(repr=False)

    def one(self, name: str) -> str:
        """Return the last value of a field."""
        return self.fields.get(name, [""])[-1]

    def every(self, name: str) -> list[str]:
        """Return all values of a field, such as what was ticked."""
        return self.fields.get(name, [])


async def read(request: Request) -> Form:
    """Return the form of a request; raises starlette's ClientDisconnect where it was cut off."""
    return parse(await request.body())


def parse(body: bytes) -> Form:
    """Return the form in `body`; what is not a form has no fields."""
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode(errors="replace"), keep_blank_values=True):
        # PostgreSQL stores no NUL, and a browser ends the lines of a form in CR LF.
        fields.setdefault(name, []).append(value.replace("\0", "").replace("\r\n", "\n"))
    return Form(fields)
