"""Letters that somebody asked for: to confirm a mailbox, to reach what is held of it."""

from bot.incident.codes import LIFE
from bot.post.content import Access, Code, Confirmation
from bot.post.letters import foot
from bot.post.letters.about import headed
from bot.post.letters.letter import Block, Button, Letter, Link, Paragraph, Rows
from bot.post.letters.occasion import Occasion
from bot.post.subscribing import CONFIRM_HOURS
from handlers.notebook import Notebook
from handlers.reminders import selecting, telling
from handlers.turn import Turn
from handlers.visit import Visit
from rules.leads import BadLeads


def confirmation(occasion: Occasion, content: Confirmation) -> Letter:
    """Return the letter that asks whether reminders are wanted; it says what they would be."""
    rows = (
        (occasion.say("letter.label.selection"), _what(occasion, content.selection)),
        (occasion.say("letter.label.leads"), _when(occasion, content.leads)),
    )
    return Letter(
        language=occasion.words.language,
        subject=headed(occasion, occasion.say("confirmation.subject")),
        title=occasion.say("confirmation.title"),
        body=(
            *foot.rehearsal(occasion),
            Paragraph(occasion.say("confirmation.text")),
            Rows(rows),
            *_none_ahead(occasion, content),
            Button(occasion.say("letter.link.confirm"), occasion.links.confirm, first=True),
            Paragraph(occasion.say("letter.one-button")),
            Paragraph(occasion.say("confirmation.works", n=CONFIRM_HOURS)),
            Paragraph(occasion.say("confirmation.else")),
        ),
        foot=(*foot.from_whom(occasion), foot.privacy(occasion)),
    )


def anything_ahead(occasion: Occasion, content: Confirmation) -> bool:
    """Whether a deadline of the selection is still to come."""
    return bool(selecting.ahead(occasion.desk, content.selection, occasion.now))


def _none_ahead(occasion: Occasion, content: Confirmation) -> tuple[Block, ...]:
    if anything_ahead(occasion, content):
        return ()
    agency = occasion.desk.agency
    return (
        Paragraph(occasion.say("confirmation.none-ahead")),
        Link(occasion.say("letter.link.website", agency=agency.short), agency.website),
    )


def access(occasion: Occasion, content: Access) -> Letter:
    """Return the letter with the link to everything that is held of a mailbox."""
    return Letter(
        language=occasion.words.language,
        subject=headed(occasion, occasion.say("access.subject")),
        title=occasion.say("access.title"),
        body=(
            *foot.rehearsal(occasion),
            Paragraph(occasion.say("access.text")),
            Button(occasion.say("letter.link.open"), occasion.links.manage, first=True),
            Paragraph(occasion.say("access.secret")),
            Paragraph(occasion.say("access.else")),
        ),
        foot=(*foot.from_whom(occasion), foot.privacy(occasion)),
    )


def code(occasion: Occasion, content: Code, digits: str) -> Letter:
    """Return the letter with the six digits, which stand in its subject: a glance is enough."""
    minutes = int(LIFE.total_seconds() // 60)
    agency = occasion.desk.agency.short
    return Letter(
        language=occasion.words.language,
        subject=headed(occasion, occasion.say("code.subject", code=digits)),
        title=occasion.say("code.title", code=digits),
        body=(
            *foot.rehearsal(occasion),
            Paragraph(occasion.say("code.text", agency=agency)),
            Paragraph(occasion.say("code.works", n=minutes)),
            Paragraph(occasion.say("code.else")),
        ),
        foot=(*foot.from_whom(occasion), foot.privacy(occasion)),
    )


def _what(occasion: Occasion, selection: str) -> str:
    """Return a selection in the words in which it was chosen."""
    if selection == "all":
        return occasion.say("confirmation.everything")
    turn = Turn("", occasion.now)
    return telling.what(Visit(turn, Notebook(), occasion.words, occasion.desk), selection)


def _when(occasion: Occasion, written: str) -> str:
    """Return leads such as `T-7d T-2h` in words; as they are where they cannot be read."""
    try:
        return telling.when(occasion.words, written)
    except BadLeads:
        return written
