"""A guide gone through: one step at a time, left and taken up again, stuck, and done."""

from handlers import contacts, deadlines
from handlers.moments import source_line
from handlers.steps import offering, place, telling, way
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules.guides import Guide


def first(visit: Visit, guide: Guide) -> Reply:
    """Return the opening of a guide."""
    about_dates = any(item.live == "deadlines" for item in guide.steps)
    more = deadlines.remind(visit, "KA2") if about_dates else ()
    ways = (
        *_begin(visit, guide),
        *_notice(visit, guide),
        *more,
        offering.mistake(visit, guide),
    )
    place.note(visit, guide.head.topic, place.OPENING)
    pressed = visit.turn.choice is not None
    return Reply(telling.opening(visit, guide), ways, in_place=pressed)


def step(visit: Visit, guide: Guide, number: int) -> Reply:
    """Return one step; a number that the guide does not have becomes the nearest."""
    number = min(max(number, 1), len(guide.steps))
    place.note(visit, guide.head.topic, str(number))
    item = guide.steps[number - 1]
    where = visit.say("steps.place", number=number, total=len(guide.steps))
    parts = [f"{where} · **{guide.head.title}**", telling.told(visit, item)]
    if item.sources:
        parts.append(source_line(visit.desk, list(item.sources), visit.words))
    return Reply("\n\n".join(parts), choices(visit, guide, number), in_place=True)


def choices(visit: Visit, guide: Guide, number: int) -> tuple[Choice, ...]:
    """Return the ways on from a step; `number` 0 is before the first."""
    ways = []
    if number > 1:
        ways.append(offering.act(visit, "step", guide, "back", number - 1))
    if number == 0:
        ways.append(offering.act(visit, "step", guide, "begin", 1))
    elif number < len(guide.steps):
        ways.append(offering.act(visit, "step", guide, "next", number + 1))
    else:
        ways.append(offering.act(visit, "worked", guide, "worked"))
    return (
        *ways,
        offering.act(visit, "stuck", guide, "stuck"),
        offering.act(visit, "all", guide, "all"),
        offering.mistake(visit, guide, f"step-{number}" if number else ""),
    )


def all_of_it(visit: Visit, guide: Guide) -> Reply:
    """Return the whole guide in one message."""
    place.note(visit, guide.head.topic, place.WHOLE)
    text = f"{telling.whole(visit, guide)}\n\n{telling.shared(visit, guide)}"
    ways = (
        offering.act(visit, "worked", guide, "worked"),
        offering.act(visit, "stuck", guide, "stuck"),
        offering.mistake(visit, guide, place.WHOLE),
    )
    return Reply(text, ways, in_place=True)


def helped(visit: Visit, guide: Guide) -> Reply:
    """Return the next step, once a remedy helped or a step worked.

    At the last step, or where the guide was not gone through step by step, the whole of it worked.
    """
    at = place.last(visit)
    at_whole = at is not None and (at.topic, at.part) == (guide.head.topic, place.WHOLE)
    number = 0 if at_whole else place.left(visit, guide)
    if 0 < number < len(guide.steps):
        return step(visit, guide, number + 1)
    return worked(visit, guide)


def worked(visit: Visit, guide: Guide) -> Reply:
    """Return what comes next, once a guide worked."""
    place.note(visit, guide.head.topic, place.DONE)
    following = way.after(visit, guide.head.topic)
    text = visit.say("steps.well-done-next" if following else "steps.well-done")
    return Reply(text, _after(visit, guide.head.topic, following))


def onward(visit: Visit, topic: str) -> Reply:
    """Return what comes after `topic`, done or not."""
    following = way.after(visit, topic)
    text = visit.say("steps.onward" if following else "steps.onward-none")
    return Reply(text, _after(visit, topic, following))


def _after(visit: Visit, topic: str, following: list[str]) -> tuple[Choice, ...]:
    offers = tuple(offering.offer(visit, one) for one in following)
    on_way = topic in way.stages(visit.desk.facts)
    whole_way = (offering.to_way(visit),) if on_way else ()
    return (*offers, *whole_way, offering.to_all(visit))


def stuck(visit: Visit, guide: Guide) -> Reply:
    """Return what often goes wrong and how to mend it, or else whom to ask."""
    if not guide.trouble:
        return ask(visit, guide)
    text = telling.section(visit.say("steps.stuck-fixes"), telling.troubles(guide))
    cited = [source for trouble in guide.trouble for source in trouble.sources]
    sources = source_line(visit.desk, cited, visit.words)
    ways = (
        offering.act(visit, "helped", guide, "helped"),
        offering.act(visit, "ask", guide, "still"),
        *_back(visit, guide),
        offering.mistake(visit, guide, "trouble"),
    )
    return Reply(f"{text}\n\n{sources}", ways)


def ask(visit: Visit, guide: Guide) -> Reply:
    """Return whom to ask where the guide did not help."""
    ways = (*_back(visit, guide), offering.to_all(visit), offering.mistake(visit, guide, "ask"))
    return Reply(contacts.for_guide(visit, guide), ways)


def resume(visit: Visit) -> tuple[Choice, ...]:
    """Return the way back to the guide that was begun last and not finished; or nothing."""
    guide = place.unfinished(visit)
    if guide is None:
        return ()
    number = place.left(visit, guide)
    where = visit.say("steps.place", number=number, total=len(guide.steps))
    label = visit.say("steps.resume-guide", title=guide.head.title, place=where)
    return (Choice(f"steps:step:{guide.head.topic}:{number}", label),)


def resumed(visit: Visit, guide: Guide) -> Reply:
    """Return the step at which `guide` was left, or else the guide that was left last before it.

    The opening of `guide` where none was begun.
    """
    taken_up = guide if place.left(visit, guide) else place.unfinished(visit) or guide
    number = place.left(visit, taken_up)
    return step(visit, taken_up, number) if number else first(visit, guide)


def _begin(visit: Visit, guide: Guide) -> tuple[Choice, ...]:
    number = place.left(visit, guide)
    ways = [offering.act(visit, "step", guide, "begin", 1)]
    if number > 1:
        label = visit.say("steps.resume", number=number)
        ways.append(Choice(f"steps:step:{guide.head.topic}:{number}", label))
    every = offering.act(visit, "all", guide, "all")
    return (*ways, every, offering.act(visit, "stuck", guide, "stuck"))


def _back(visit: Visit, guide: Guide) -> tuple[Choice, ...]:
    """Return the way back to the step at which somebody got stuck; none from the opening."""
    number = place.left(visit, guide)
    if number == 0:
        return ()
    label = visit.say("steps.choice.to-step", number=number)
    return (Choice(f"steps:step:{guide.head.topic}:{number}", label),)


def _notice(visit: Visit, guide: Guide) -> tuple[Choice, ...]:
    """Return the way to a notice to the agency, from what to do when the system fails."""
    if guide.head.topic != "late-submission" or visit.cases is None:
        return deadlines.cannot_submit(visit) if guide.head.clock else ()
    return (Choice("incident:show", visit.say("incident.choice.begin")),)
