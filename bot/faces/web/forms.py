"""What a form brought, as text that every database takes; and its files, where it may have some."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

MOST_FILES = 40
MOST_FIELDS = 10
LONGEST_FIELD = 64 * 1024


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
    return _form(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


@asynccontextmanager
async def with_files(request: Request) -> AsyncIterator[tuple[Form, list[UploadFile]]]:
    """Yield the form of a request and its files, which are gone after the block.

    A field for files that was left empty brings none. Raises starlette's HTTPException for what is
    no such form, or has too many parts, and ClientDisconnect where it was cut off.
    """
    limits = {"max_files": MOST_FILES, "max_fields": MOST_FIELDS, "max_part_size": LONGEST_FIELD}
    async with request.form(**limits) as brought:
        pairs = brought.multi_items()
        files = [value for _, value in pairs if isinstance(value, UploadFile)]
        texts = ((name, value) for name, value in pairs if isinstance(value, str))
        yield _form(texts), [file for file in files if file.filename or file.size]


def _form(pairs: Iterable[tuple[str, str]]) -> Form:
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        # PostgreSQL stores no NUL, and a browser ends the lines of a form in CR LF.
        fields.setdefault(name, []).append(value.replace("\0", "").replace("\r\n", "\n"))
    return Form(fields)
