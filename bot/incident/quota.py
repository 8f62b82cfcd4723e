"""How many notices may be made: one for a form and deadline, and two corrections of it.

The form is counted whoever reports it, by a keyed hash. Where no Form ID is told, a conversation
has one notice and two corrections for a deadline; one that tells the Form ID later corrects the one
without it.
"""

from dataclasses import dataclass, field

from sqlalchemy import and_, or_, text
from sqlmodel import col

from bot.incident import register
from bot.post.books import Books
from bot.store.keys import sign
from bot.store.tables import Incident
from handlers.cases import Refused
from rules.incident import Case

CORRECTIONS = 2
FORMS = 3
"""Notices, corrections apart, that a conversation may make about one deadline."""


@dataclass(frozen=True)
class Place:
    """A notice's place: its number (0 is the first), the keyed hash it is counted under.

    `earlier` are the notices it follows, oldest first; it corrects the first of them.
    """

    form: str
    number: int
    earlier: tuple[Incident, ...] = field(default=(), repr=False)

    @property
    def first(self) -> Incident | None:
        """The notice that it corrects."""
        return self.earlier[0] if self.earlier else None


def form(books: Books, case: Case, deadline: str, conversation: str) -> str:
    """Return what a form is counted under: a keyed hash of it, or of the conversation."""
    told = case.form_id.strip().upper()
    what = ("form", told) if told else ("conversation", conversation)
    return sign(books.key, "incident", deadline, *what)


async def alone(books: Books, *names: str) -> None:
    """Let nobody else make a notice about any of `names` until this transaction ends.

    In one order, so that two never wait for each other. SQLite has one writer anyway.
    """
    if books.database.embedded:
        return
    lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
    for name in sorted(names):
        await books.connection.execute(lock, {"name": f"noon:incident:{name}"})


async def place(books: Books, case: Case, deadline: str, conversation: str) -> Place | Refused:
    """Return the place of the next notice, or why there is none; take `alone` before."""
    of_form = form(books, case, deadline, conversation)
    earlier = await _earlier(books, of_form, case, deadline, conversation)
    if len(earlier) > CORRECTIONS:
        return Refused.ENOUGH
    if not earlier and await _begun(books, deadline, conversation) >= FORMS:
        return Refused.FORMS
    return Place(of_form, len(earlier), tuple(earlier))


async def _earlier(
    books: Books, of_form: str, case: Case, deadline: str, conversation: str
) -> list[Incident]:
    """Return the notices that one of this form follows, oldest first."""
    found = await _chain(books, of_form)
    if found or not case.form_id:
        return found
    unnamed = form(books, Case(), deadline, conversation)
    before = await _chain(books, unnamed)
    # One that another Form ID was told of already is about another form.
    return before if all(row.form == unnamed for row in before) else []


async def _chain(books: Books, of_form: str) -> list[Incident]:
    """Return the notices counted under a form, with those that they correct or are corrected by."""
    found = await register.where(books.connection, col(Incident.form) == of_form)
    first = {row.corrects or row.id for row in found}
    same = or_(col(Incident.id).in_(first), col(Incident.corrects).in_(first))
    return await register.where(books.connection, same) if first else []


async def _begun(books: Books, deadline: str, conversation: str) -> int:
    """Return how many notices this conversation made about a deadline, corrections apart."""
    mine = and_(
        col(Incident.conversation) == conversation,
        col(Incident.deadline) == deadline,
        col(Incident.corrects) == "",
    )
    return len(await register.where(books.connection, mine))
