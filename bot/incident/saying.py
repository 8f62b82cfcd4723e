"""What a notice says: the conditions one by one, the evidence, the case, the files, who sends it.

First what an officer needs to act: whose application, what happened, whom to call. Then the
evidence in the order of the checklist of the rules: the attempt, the agency told, the form's PDF,
screenshots, Form ID, annexes, then what else identifies the application.
"""

from collections.abc import Iterator

from bot.incident import wording
from bot.incident.listing import files
from bot.incident.notifying import (
    FORM,
    Attached,
    Notifying,
    Variant,
    held,
    parted,
)
from handlers.words import Words, words
from rules.incident import Condition

LONGEST_NAME = 200
"""Characters of a name or a title in the text."""

LONGEST_STORY = 6000
"""Characters of what happened."""


def body(n: Notifying, language: str, variant: Variant) -> str:
    """Return the plain text of a notice in `language`."""
    said = words(language)
    parts = (
        *_opening(n, said),
        _story(n, said),
        wording.rows(_person(n, said)),
        _conditions(n, said, variant),
        _evidence(n, said, variant),
        _application(n, said),
        *files(n, said, variant),
        _foot(n, said, variant),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def action(n: Notifying) -> str:
    """Return action and sector, like `KA220-SCH`."""
    parts = (wording.cleaned(part, 20) for part in (n.case.action, n.case.sector))
    return "-".join(filter(None, parts))


def _opening(n: Notifying, said: Words) -> Iterator[str]:
    """Yield what it is, what is asked, and whose application it is about."""
    if n.rehearsed:
        yield said.say("notice.rehearsal")
    yield said.say("notice.hello")
    yield said.say("notice.what")
    if n.first is not None:
        moment = wording.moment(said, n.first[1], n.zone)
        yield said.say("notice.corrects", number=n.number, moment=moment, id=n.first[0])
    asked = "notice.please" if n.copy else "notice.please.reply"
    yield said.say(asked, copy=n.copy, agency=n.decides)
    yield wording.rows(_whose(n, said))


def _whose(n: Notifying, said: Words) -> Iterator[tuple[str, str]]:
    yield said.say("notice.organisation"), _known(said, n.case.organisation, she=True)
    yield said.say("notice.action"), action(n) or said.say("notice.unknown")
    yield said.say("notice.form-id"), _known(said, n.case.form_id)
    deadline = wording.moment(said, n.within.deadline, n.zone)
    yield said.say("notice.deadline"), deadline


def _person(n: Notifying, said: Words) -> Iterator[tuple[str, str]]:
    """Yield whom the officer calls back."""
    yield said.say("notice.contact"), _known(said, n.case.contact, she=True)
    yield said.say("notice.phone"), _known(said, n.case.phone)
    yield said.say("notice.mailbox"), _known(said, n.copy, 254)


def _known(said: Words, text: str, longest: int = LONGEST_NAME, *, she: bool = False) -> str:
    """Return a fact, or that it was not told; `she` where its label is feminine in Latvian."""
    known = wording.cleaned(text, longest)
    return known or said.say("notice.unknown.f" if she else "notice.unknown")


def _conditions(n: Notifying, said: Words, variant: Variant) -> str:
    """Return the three conditions, each with its answer and the facts behind it."""
    hours = n.agency.incident_window.hours
    asked = {
        Condition.ATTEMPT: said.say("notice.condition.attempt"),
        Condition.TOLD: said.say("notice.condition.told", n=hours),
        Condition.FORM: said.say("notice.condition.form"),
    }
    facts = {
        Condition.ATTEMPT: _attempt(n, said),
        Condition.TOLD: _told(n, said, variant),
        Condition.FORM: _form(n, said, variant),
    }
    lines = [
        f"{number}. {asked[condition]} {_answer(n, said, condition, variant)}\n"
        f"   {facts[condition]}"
        for number, condition in enumerate(Condition, start=1)
    ]
    return "\n".join([said.say("notice.conditions"), *lines])


def _answer(n: Notifying, said: Words, condition: Condition, variant: Variant) -> str:
    """Return yes, no or not known; of what a person sends, yes only if it is sent in time."""
    holds = held(n, variant)[condition]
    if holds is None:
        return said.say("notice.not-known")
    if condition is Condition.TOLD and _is_draft(n, variant):
        return said.say("notice.not-yet")
    if holds and variant == "hand" and condition is not Condition.ATTEMPT:
        return said.say("notice.yes-if")
    if condition is Condition.FORM and _follows(n, variant):
        return said.say("notice.not-here")
    return said.say("notice.yes" if holds else "notice.no")


def _is_draft(n: Notifying, variant: Variant) -> bool:
    """Whether this is only looked at: Noon sends nothing before the window opens."""
    return variant != "hand" and n.now < n.within.opens


def _follows(n: Notifying, variant: Variant) -> bool:
    """Whether there is a PDF that does not go with this mail and may still come in time."""
    is_left = n.form is not None and n.form not in parted(n, variant)[0]
    return is_left and n.now < n.within.closes


def _attempt(n: Notifying, said: Words) -> str:
    if n.case.attempt is None:
        return said.say("notice.attempt.none")
    return said.say(
        "notice.attempt",
        moment=wording.moment(said, n.case.attempt, n.zone),
        apart=wording.from_deadline(said, n.case.attempt, n.within.deadline),
    )


def _told(n: Notifying, said: Words, variant: Variant) -> str:
    """Return when this notice was made, and how that stands to deadline and window."""
    values = {
        "moment": wording.moment(said, n.now, n.zone),
        "apart": wording.from_deadline(said, n.now, n.within.deadline),
        "closes": wording.moment(said, n.within.closes, n.zone),
    }
    if variant == "hand":
        return said.say("notice.told.hand", **values)
    if _is_draft(n, variant):
        return said.say("notice.told.draft", **values)
    return said.say("notice.told", **values)


def _form(n: Notifying, said: Words, variant: Variant) -> str:
    """Return whether the form's PDF goes with it, and as what."""
    if n.form is None:
        return said.say("notice.form.none")
    if n.form not in parted(n, variant)[0]:
        return said.say("notice.form.by-hand")
    if n.case.unchanged is None:
        return said.say("notice.form.perhaps")
    if not n.case.unchanged:
        return said.say("notice.form.changed")
    in_time = n.now < n.within.closes
    return said.say("notice.form.same" if in_time else "notice.form.late")


def _evidence(n: Notifying, said: Words, variant: Variant) -> str:
    """Return the rest of the evidence: screenshots, Form ID, what was not checked."""
    kept, left = (_screenshots(files) for files in parted(n, variant))
    lines = (
        f"4. {said.say('notice.screenshots', number=kept)}",
        f"   {said.say('notice.screenshots.by-hand', number=left)}" if left else "",
        f"5. {said.say('notice.form-id')}: {_known(said, n.case.form_id)}",
        f"6. {said.say('notice.annexes')}",
    )
    return "\n".join([said.say("notice.evidence"), *filter(None, lines)])


def _screenshots(files: tuple[Attached, ...]) -> int:
    return sum(file.kind != FORM for file in files)


def _application(n: Notifying, said: Words) -> str:
    case = n.case
    failed = case.first_failure
    pairs = (
        (said.say("notice.title"), _known(said, case.title)),
        (said.say("notice.oid"), _known(said, case.oid)),
        (said.say("notice.agency"), (n.taker or n.agency).name(said.language)),
        (
            said.say("notice.first-failure"),
            wording.moment(said, failed, n.zone) if failed else said.say("notice.unknown.f"),
        ),
    )
    return f"{said.say('notice.application')}\n{wording.rows(pairs)}"


def _story(n: Notifying, said: Words) -> str:
    story = wording.quoted(n.case.happened, LONGEST_STORY) or said.say("notice.unknown")
    return f"{said.say('notice.happened')}\n{story}"


def _foot(n: Notifying, said: Words, variant: Variant) -> str:
    """Return who Noon is, what it vouches for, and when the mailbox was confirmed."""
    lines = ["--"]
    agency = n.decides
    lines.append(
        said.say("notice.foot.hand" if variant == "hand" else "notice.foot", agency=agency)
    )
    if n.id:
        lines.append(said.say("notice.foot.number", id=n.id))
    if n.proved is not None:
        moment = wording.moment(said, n.proved, n.zone)
        lines.append(said.say("notice.foot.proved", copy=n.copy, moment=moment))
    if n.controller is not None:
        lines.append(said.say("notice.foot.controller", controller=n.controller))
    if n.stop and variant != "hand":
        lines.append(said.say("notice.foot.stop", agency=agency, link=n.stop))
    return "\n".join([*lines, said.say("notice.foot.page", page=n.page)])
