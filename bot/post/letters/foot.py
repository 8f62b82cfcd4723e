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
        privacy(occasion),
    )


def from_whom(occasion: Occasion) -> tuple[Block, ...]:
    """Return who runs this Noon, that it is not the agency, and whether a reply reaches anybody."""
    sender = Paragraph(occasion.say("letter.foot.sender", agency=occasion.desk.agency.short))
    replies = occasion.sender.reply_to is not None
    reply = (Paragraph(occasion.say("letter.foot.reply")),) if replies else ()
    return *_controller(occasion), sender, *reply


def privacy(occasion: Occasion) -> Link:
    """Return the link to what is kept of people and who answers for it."""
    return Link(
        occasion.say("letter.link.privacy"), occasion.links.privacy(occasion.words.language)
    )


def _controller(occasion: Occasion) -> tuple[Block, ...]:
    """Return who runs this Noon, where that is set."""
    controller = occasion.desk.controller
    if controller is None:
        return ()
    return (Paragraph(occasion.say("letter.foot.controller", controller=controller)),)


def to_operator(occasion: Occasion) -> tuple[Block, ...]:
    """Return the foot of what only the operator gets."""
    return Paragraph(occasion.say("operator.why")), *from_noon(occasion)


def from_noon(occasion: Occasion) -> tuple[Block, ...]:
    """Return that Noon sends it by itself."""
    return *_controller(occasion), Paragraph(occasion.say("operator.sender")), privacy(occasion)


def rehearsal(occasion: Occasion) -> tuple[Block, ...]:
    """Return the line that all this is only rehearsed, where it is."""
    if not occasion.desk.rehearsed:
        return ()
    day = occasion.words.day(occasion.now.astimezone(occasion.zone))
    return (Notice(occasion.say("letter.rehearsal", day=day)),)
