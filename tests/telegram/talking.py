"""How people talk with the bot in tests: do something, get what the chat shows then."""

from handlers.words import words
from tests.botapi import Group, Message, User
from tests.botapi.views import View
from tests.telegram.service import PATIENCE
from tests.telegram.store import until


def label(key: str, language: str = "lv", **values: object) -> str:
    """Return a message, such as the label of a button, in `language`."""
    return words(language).say(key, **values)


async def said(person: User, text: str, count: int = 1) -> Message:
    """Return the last of `count` new messages of the bot after `person` wrote `text`."""
    before = len(person.messages)
    person.say(text)
    return (await person.wait_for(before + count, PATIENCE))[-1]


async def said_in(
    group: Group,
    person: User,
    text: str,
    *,
    topic: int | None = None,
    reply_to: Message | None = None,
) -> Message:
    """Return the bot's next message in `group` after `person` wrote `text` there."""
    before = len(group.messages)
    person.say(text, to=group, topic=topic, reply_to=reply_to)
    return (await group.wait_for(before + 1, PATIENCE))[-1]


async def pressed(
    person: User, message: Message, button: str | int, where: View | None = None
) -> Message:
    """Press a button and return the message that changed or came because of it."""
    chat = where or person
    before = _look(chat)
    press = person.press(message, button)
    await press.answer(PATIENCE)
    await until(lambda: _look(chat) != before, lambda: [m.text[:60] for m in chat.messages])
    return next(m for m in reversed(chat.messages) if (m.id, m.raw) not in before)


def _look(chat: View) -> list[tuple[int, dict[str, object]]]:
    return [(message.id, dict(message.raw)) for message in chat.messages]
