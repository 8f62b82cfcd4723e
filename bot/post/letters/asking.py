"""Letters that somebody asked for: to confirm a mailbox, to reach what is held of it."""

from bot.post.content import Access, Confirmation
from bot.post.letters import foot
from bot.post.letters.about import headed
from bot.post.letters.letter import Button, Letter, Paragraph, Rows
from bot.post.letters.occasion import Occasion
from handlers.notebook import Notebook
from handlers.reminders import telling
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
            Button(occasion.say("letter.link.confirm"), occasion.links.confirm, first=True),
            Paragraph(occasion.say("letter.one-button")),
            Paragraph(occasion.say("confirmation.else")),
        ),
        foot=foot.from_whom(occasion),
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
        foot=foot.from_whom(occasion),
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
