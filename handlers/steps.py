"""Step guides: what you need, one step at a time, what can go wrong, and whom to ask.

Also where free text arrives: sure, it shows the guide; unsure, it offers up to three; outside, it
says so and names whom to ask.
"""

from collections.abc import Callable

from handlers import contacts, deadlines, eligibility
from handlers.moments import source_line
from handlers.turn import Choice, Reply
from handlers.visit import Capability, Handler, Visit
from rules.guides import Guide, Item

LIVE: dict[str, Callable[[Visit], str]] = {
    "deadlines": deadlines.block,
    "contacts": contacts.block,
}
"""Blocks that guides leave to be filled in when they are told."""


LEADS: dict[str, Handler] = {"eligibility": eligibility.menu}
"""Topics that are no guides but lead to another capability."""


async def find(visit: Visit, question: str) -> list[Reply]:
    """Answer free text: a guide, up to three offers, or that it is outside."""
    finding = visit.desk.finder.find(question)
    if finding.topic is not None:
        return await show(visit, finding.topic)
    return [unplaced(visit, question)]


def unplaced(visit: Visit, question: str) -> Reply:
    """Return the offers for a question that is not certain, or say that it is outside."""
    candidates = visit.desk.finder.find(question).candidates
    if not candidates:
        return Reply(_outside(visit), (_menu(visit),))
    offers = tuple(_offer(visit, candidate.topic) for candidate in candidates)
    return Reply(visit.say("steps.unsure"), (*offers, _none_of_these(visit)))


async def show(visit: Visit, topic: str) -> list[Reply]:
    """Show the opening of a guide; a topic that has none yet says whom to ask."""
    if topic in LEADS:
        return await LEADS[topic](visit, "")
    guide = _guide(visit, topic)
    if guide is None:
        return [unwritten(visit, topic)]
    about_dates = any(item.live == "deadlines" for item in guide.steps)
    more = deadlines.remind(visit, "KA2") if about_dates else ()
    choices = (*_first_choices(visit, guide), *_notice(visit, guide), *more)
    return [Reply(opening(visit, guide), choices, in_place=_pressed(visit))]


async def menu(visit: Visit, _: str) -> list[Reply]:
    """List every topic that has a guide."""
    topics = [topic for topic in visit.desk.facts.topics if _guide(visit, topic)]
    choices = tuple(_offer(visit, topic) for topic in topics)
    return [Reply(visit.say("steps.menu"), choices, in_place=_pressed(visit))]


async def choose(visit: Visit, argument: str) -> list[Reply]:
    """Answer a pressed choice: `<what>:<topic>[:<number>]`."""
    what, topic, number = [*argument.split(":"), "", ""][:3]
    if what == "menu":
        return await menu(visit, "")
    if what == "outside":
        return [Reply(_outside(visit), (_menu(visit),), in_place=True)]
    guide = _guide(visit, topic)
    if guide is None or what == "show":
        return await show(visit, topic)
    views: dict[str, Callable[[], Reply]] = {
        "step": lambda: _step(visit, guide, int(number) if number.isdecimal() else 1),
        "all": lambda: Reply(whole(visit, guide), _last_choices(visit, guide), in_place=True),
        "worked": lambda: _worked(visit, guide),
        "stuck": lambda: _stuck(visit, guide),
        "ask": lambda: Reply(contacts.for_guide(visit, guide), (_menu(visit),)),
    }
    return [views[what]()] if what in views else await show(visit, topic)


def opening(visit: Visit, guide: Guide) -> str:
    """Return title, short answer and what to have ready."""
    parts = [*_pressing(visit, guide), f"**{guide.head.title}**\n{guide.head.summary}"]
    if guide.steps[0].live:
        parts.append(_told(visit, guide.steps[0]))
    if guide.before:
        ready = "\n".join(f"• {item.text}" for item in guide.before)
        parts.append(f"{visit.say('steps.before')}\n{ready}")
    parts.append(visit.say("steps.count", n=len(guide.steps)))
    parts.append(_footer(visit, guide))
    return "\n\n".join(parts)


def whole(visit: Visit, guide: Guide) -> str:
    """Return the whole guide as one text, with its sources and their date."""
    parts = [*_pressing(visit, guide), f"**{guide.head.title}**\n{guide.head.summary}"]
    if guide.before:
        parts.append(_section(visit.say("steps.before"), [f"• {i.text}" for i in guide.before]))
    steps = [f"{n}. {_told(visit, item)}" for n, item in enumerate(guide.steps, start=1)]
    parts.append(_section(visit.say("steps.steps"), steps))
    if guide.trouble:
        parts.append(_section(visit.say("steps.trouble"), _troubles(guide)))
    if guide.notes:
        parts.append(_section(visit.say("steps.notes"), [f"• {i.text}" for i in guide.notes]))
    parts.append(_footer(visit, guide))
    return "\n\n".join(parts)


def _pressing(visit: Visit, guide: Guide) -> list[str]:
    told = deadlines.clock(visit) if guide.head.clock else None
    return [told] if told else []


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([title, *lines])


def _troubles(guide: Guide) -> list[str]:
    return [f"• **{trouble.sign}** — {trouble.fix}" for trouble in guide.trouble]


def _told(visit: Visit, item: Item) -> str:
    return LIVE[item.live](visit) if item.live else item.text


def _footer(visit: Visit, guide: Guide) -> str:
    links = "\n".join(f"→ [{link.label}]({link.url})" for link in guide.head.links)
    sources = source_line(visit.desk, list(guide.sources), visit.words)
    as_of = visit.say("steps.as-of", call=guide.head.call, day=visit.words.day(guide.head.as_of))
    return "\n".join(filter(None, [links, sources, as_of]))


def _step(visit: Visit, guide: Guide, number: int) -> Reply:
    number = min(max(number, 1), len(guide.steps))
    visit.notes.write("steps", guide.head.topic, str(number))
    item = guide.steps[number - 1]
    place = visit.say("steps.place", number=number, total=len(guide.steps))
    parts = [f"**{guide.head.title}** · {place}", _told(visit, item)]
    if item.sources:
        parts.append(source_line(visit.desk, list(item.sources), visit.words))
    return Reply("\n\n".join(parts), _step_choices(visit, guide, number), in_place=True)


def _step_choices(visit: Visit, guide: Guide, number: int) -> tuple[Choice, ...]:
    choices = []
    if number > 1:
        choices.append(_choice(visit, "step", guide, "back", number - 1))
    if number < len(guide.steps):
        choices.append(_choice(visit, "step", guide, "next", number + 1))
    else:
        choices.append(_choice(visit, "worked", guide, "worked"))
    return (*choices, _choice(visit, "stuck", guide, "stuck"), _choice(visit, "all", guide, "all"))


def _notice(visit: Visit, guide: Guide) -> tuple[Choice, ...]:
    """Return the way to a notice to the agency, from what to do when the system fails."""
    if guide.head.topic != "late-submission" or visit.cases is None:
        return deadlines.cannot_submit(visit) if guide.head.clock else ()
    return (Choice("incident:show", visit.say("incident.choice.begin")),)


def _first_choices(visit: Visit, guide: Guide) -> tuple[Choice, ...]:
    place = int(visit.notes.read("steps").get(guide.head.topic, "1"))
    choices = [_choice(visit, "step", guide, "begin", 1)]
    if 1 < place <= len(guide.steps):
        resume = visit.say("steps.resume", number=place)
        choices.append(Choice(f"steps:step:{guide.head.topic}:{place}", resume))
    return (*choices, _choice(visit, "all", guide, "all"), _choice(visit, "stuck", guide, "stuck"))


def _last_choices(visit: Visit, guide: Guide) -> tuple[Choice, ...]:
    return (_choice(visit, "worked", guide, "worked"), _choice(visit, "stuck", guide, "stuck"))


def _worked(visit: Visit, guide: Guide) -> Reply:
    visit.notes.forget("steps", guide.head.topic)
    following = [topic for topic in guide.head.next if _guide(visit, topic)]
    text = visit.say("steps.well-done-next" if following else "steps.well-done")
    offers = tuple(_offer(visit, topic) for topic in following)
    return Reply(text, (*offers, _menu(visit)))


def _stuck(visit: Visit, guide: Guide) -> Reply:
    if not guide.trouble:
        return Reply(contacts.for_guide(visit, guide), (_menu(visit),))
    text = _section(visit.say("steps.stuck-fixes"), _troubles(guide))
    sources = source_line(
        visit.desk, [source for t in guide.trouble for source in t.sources], visit.words
    )
    choices = (_choice(visit, "worked", guide, "helped"), _choice(visit, "ask", guide, "still"))
    return Reply(f"{text}\n\n{sources}", choices)


def _choice(visit: Visit, what: str, guide: Guide, label: str, number: int | None = None) -> Choice:
    tail = "" if number is None else f":{number}"
    return Choice(f"steps:{what}:{guide.head.topic}{tail}", visit.say(f"steps.choice.{label}"))


def _offer(visit: Visit, topic: str) -> Choice:
    return Choice(f"steps:show:{topic}", title(visit, topic))


def title(visit: Visit, topic: str) -> str:
    """Return how a topic is offered: its guide's title, or the topic's own."""
    guide = _guide(visit, topic)
    if guide is not None:
        return guide.head.title
    return visit.desk.facts.topics[topic].title(visit.words.language)


def _guide(visit: Visit, topic: str) -> Guide | None:
    return visit.desk.facts.guide(topic, visit.words.language)


def _pressed(visit: Visit) -> bool:
    return visit.turn.choice is not None


def _menu(visit: Visit) -> Choice:
    return Choice("steps:menu", visit.say("steps.choice.menu"))


def _outside(visit: Visit) -> str:
    return visit.say("steps.outside", contact=contacts.general(visit))


def _none_of_these(visit: Visit) -> Choice:
    return Choice("steps:outside", visit.say("steps.choice.none"))


def unwritten(visit: Visit, topic: str) -> Reply:
    """Return what is said of a topic that has no guide yet: whom to ask."""
    if topic not in visit.desk.facts.topics:
        return Reply(visit.say("router.gone"), (_menu(visit),))
    contact = contacts.of(visit, visit.desk.facts.topics[topic].asks)
    text = visit.say("steps.unwritten", title=title(visit, topic), contact=contact)
    return Reply(text, (_menu(visit),))


CAPABILITY = Capability("steps", choose, {"steps": menu, "soli": menu})
