"""Letters to the operator: warnings, and the test mail that shows that the way is open."""

from bot.post.content import Alarm, Canary
from bot.post.letters import foot
from bot.post.letters.about import headed
from bot.post.letters.letter import Letter, Paragraph, Rows
from bot.post.letters.occasion import Occasion
from handlers.ics import clean
from handlers.moments import moment
from handlers.words import MissingWords

_LONGEST_TITLE = 100


def warning(occasion: Occasion, content: Alarm) -> tuple[str, list[str]]:
    """Return a warning's title and its lines.

    One whose words are missing is told by its name: it must reach the operator all the same.
    """
    try:
        title = occasion.say(f"alarm.{content.message}.title", **content.values)
        text = occasion.say(f"alarm.{content.message}.text", **content.values)
    except MissingWords:
        title = occasion.say("operator.unknown", message=content.message)
        text = "\n".join(f"{name}: {value}" for name, value in content.values.items())
    lines = [clean(line).strip() for line in text.splitlines()]
    return clean(title)[:_LONGEST_TITLE], [line for line in lines if line]


def alarm(occasion: Occasion, content: Alarm) -> Letter:
    """Return the letter that warns the operator."""
    title, lines = warning(occasion, content)
    return Letter(
        language=occasion.words.language,
        subject=headed(occasion, f"Noon: {title}"),
        title=title,
        body=(
            *foot.rehearsal(occasion),
            *(Paragraph(line) for line in lines),
            Rows(((occasion.say("letter.label.at"), told_at(occasion, content)),)),
        ),
        foot=foot.to_operator(occasion),
    )


def canary(occasion: Occasion, content: Canary) -> Letter:
    """Return the test mail; its moment stands in the subject."""
    at = told_at(occasion, content)
    return Letter(
        language=occasion.words.language,
        subject=headed(occasion, occasion.say("canary.subject", at=at)),
        title=occasion.say("canary.title"),
        body=(
            *foot.rehearsal(occasion),
            Paragraph(occasion.say("canary.text")),
            Rows(((occasion.say("letter.label.at"), at),)),
        ),
        foot=foot.from_noon(occasion),
    )


def told_at(occasion: Occasion, content: Alarm | Canary) -> str:
    """Return when it happened, in the reader's zone."""
    return moment(occasion.words, content.at, occasion.zone, occasion.zone)
