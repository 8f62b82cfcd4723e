"""The end of every letter: why it comes, who sends it, how it is stopped."""

from bot.post.letters.letter import Block, Link, Notice, Paragraph
from bot.post.letters.occasion import Occasion


def listed(occasion: Occasion) -> tuple[Block, ...]:
    """Return the foot of what comes again and again until it is stopped."""
    language = occasion.words.language
    return (
        Paragraph(occasion.say("letter.foot.why")),
        *from_whom(occasion),
        Paragraph(occasion.say("letter.foot.personal")),
        Link(occasion.say("letter.link.stop"), occasion.links.leave(language)),
        Link(occasion.say("letter.link.manage"), occasion.links.manage),
    )


def from_whom(occasion: Occasion) -> tuple[Block, ...]:
    """Return that Noon sends it and not the agency, and whether a reply reaches anybody."""
    sender = Paragraph(occasion.say("letter.foot.sender", agency=occasion.desk.agency.short))
    if occasion.sender.reply_to is None:
        return (sender,)
    return sender, Paragraph(occasion.say("letter.foot.reply"))


def to_operator(occasion: Occasion) -> tuple[Block, ...]:
    """Return the foot of what only the operator gets."""
    return Paragraph(occasion.say("operator.why")), *from_noon(occasion)


def from_noon(occasion: Occasion) -> tuple[Block, ...]:
    """Return that Noon sends it by itself."""
    return (Paragraph(occasion.say("operator.sender")),)


def rehearsal(occasion: Occasion) -> tuple[Block, ...]:
    """Return the line that all this is only rehearsed, where it is."""
    if not occasion.desk.rehearsed:
        return ()
    day = occasion.words.day(occasion.now.astimezone(occasion.zone))
    return (Notice(occasion.say("letter.rehearsal", day=day)),)
