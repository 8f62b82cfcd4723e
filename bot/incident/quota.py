"""How many notices may be made: one for a form and deadline, and two corrections of it.

A form is counted, by a keyed hash, for each person who reports it: whoever knows somebody else's
Form ID uses up nothing of theirs. A person is a conversation, or a mailbox in any spelling. Where
no Form ID is told, a conversation has one notice and two corrections for a deadline; one that tells
the Form ID later corrects the one without it. A notice that nobody has taken, and that is not tried
any more, counts as none: the next one is sent in its place.
"""

from dataclasses import dataclass, field

from sqlalchemy import and_, or_, text
from sqlmodel import col

from bot.incident import register
from bot.post.books import Books
from bot.store.keys import sign
from bot.store.tables import Incident
from handlers.cases import Refused, Standing, Way
from rules.addresses import BadAddress, parse
from rules.incident import Case

CORRECTIONS = 2
FORMS = 3
"""Forms that one person may report about one deadline; more wait for the operator."""

HELD_FORMS = 3
"""Forms beyond those that may wait for the operator."""

MOST = 30
"""Notices that one person may make about a deadline, with those that nobody took."""

_LOST = (Standing.STOPPED, Standing.BOUNCED)


@dataclass(frozen=True)
class Place:
    """A notice's place: its number (0 is the first), the keyed hash it is counted under.

    `earlier` are the notices it follows, oldest first; it corrects the first of them. `former` are
    those and what was lost before it. `held`: it is to wait for the operator.
    """

    form: str
    number: int
    earlier: tuple[Incident, ...] = field(default=(), repr=False)
    former: tuple[Incident, ...] = field(default=(), repr=False)
    held: bool = False

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


async def place(
    books: Books, case: Case, deadline: str, conversation: str, address: str = ""
) -> Place | Refused:
    """Return the place of the next notice, or why there is none; take `alone` before.

    `address` is the mailbox of whoever makes it; empty: not known yet.
    """
    of_form = form(books, case, deadline, conversation)
    own = await _own(books, conversation, address)
    former = _followed(own, of_form, case, form(books, Case(), deadline, conversation))
    living = [row for row in own if not await is_lost(books, row)]
    earlier = tuple(row for row in former if row in living)
    here = [row for row in own if row.deadline == deadline]
    if len(earlier) > CORRECTIONS or len(here) >= MOST:
        return Refused.ENOUGH
    begun = len({row.corrects or row.id for row in living if row.deadline == deadline})
    if not earlier and begun >= FORMS + HELD_FORMS:
        return Refused.FORMS
    held = earlier[0].way == Way.HELD.value if earlier else begun >= FORMS
    return Place(of_form, len(earlier), earlier, tuple(former), held)


async def is_lost(books: Books, row: Incident) -> bool:
    """Whether nobody has taken a notice and nobody will: it is not tried any more, or came back.

    One that was kept on this machine is lost once there is a mail server.
    """
    standing = (await register.notice(books, row)).standing
    servers = bool(books.settings.mail_providers)
    return standing in _LOST or (standing is Standing.CAPTURED and servers)


async def others(books: Books, row: Incident) -> bool:
    """Whether the form of a notice was reported from another mailbox too."""
    found = await register.where(books.connection, col(Incident.form) == row.form)
    mine = counted(row.address)
    return any(one.address and counted(one.address) != mine for one in found)


def counted(address: str) -> str:
    """Return the form in which a mailbox is counted: no dots and +tags; nothing for no mailbox."""
    try:
        return parse(address).counted
    except BadAddress:
        return ""


async def _own(books: Books, conversation: str, address: str) -> list[Incident]:
    """Return all notices of a conversation and of a mailbox however spelled, oldest first."""
    mailbox = counted(address)
    spelled = col(Incident.address).endswith(f"@{mailbox.rpartition('@')[2]}", autoescape=True)
    mine = col(Incident.conversation) == conversation
    which = or_(mine, and_(col(Incident.address) != "", spelled)) if mailbox else mine
    found = await register.where(books.connection, which)
    return [
        row for row in found if row.conversation == conversation or counted(row.address) == mailbox
    ]


def _followed(own: list[Incident], of_form: str, case: Case, unnamed: str) -> list[Incident]:
    """Return the notices that one of this form follows, oldest first.

    One that is said to correct another follows that one, whatever its form is now.
    """
    meant = (row for row in own if case.corrects and row.id == case.corrects)
    found = _linked(own, [*(row for row in own if row.form == of_form), *meant])
    if found or not case.form_id:
        return found
    before = _linked(own, [row for row in own if row.form == unnamed])
    # One that another Form ID was told of already is about another form.
    return before if all(row.form == unnamed for row in before) else []


def _linked(own: list[Incident], some: list[Incident]) -> list[Incident]:
    """Return `some` with those that they correct or are corrected by."""
    first = {row.corrects or row.id for row in some}
    return [row for row in own if row.id in first or row.corrects in first]
