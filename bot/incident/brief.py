"""The notice in brief: its subject, and a `mailto:` link with the essential facts."""

from urllib.parse import quote

from bot.incident import wording
from bot.incident.notifying import Notifying
from bot.incident.saying import action
from handlers.words import Words, words

LONGEST_SUBJECT = 120
"""Characters."""

LONGEST_LINK = 1900
"""Characters of a `mailto:` link that every program still opens (old ones stop at 2,000)."""


def subject(n: Notifying, language: str) -> str:
    """Return the subject in `language`: the action, the Form ID, the organisation."""
    said = words(language)
    short = wording.cleaned(n.case.form_id, 40)
    named = action(n)
    what = [short if short.startswith(named) else named, "" if short.startswith(named) else short]
    told = said.say("notice.subject", what=", ".join(filter(None, what)))
    if n.number:
        told = said.say("notice.subject.correction", number=n.number, subject=told)
    if n.rehearsed:
        told = said.say("notice.subject.rehearsal", subject=told)
    organisation = wording.cleaned(n.case.organisation, LONGEST_SUBJECT)
    whole = f"{told}, {organisation}" if organisation else told
    return wording.cleaned(_plainly(whole), LONGEST_SUBJECT)


def _plainly(value: str) -> str:
    """Return `value` without the beginning of an encoded word.

    The library decodes one in a header that is set, line ends and all, and writes them out: a
    header would follow that nobody set.
    """
    return value.replace("=?", "= ?")


def mailto(n: Notifying) -> str:
    """Return a link that opens a mail with the essential facts (RFC 6068), all in ASCII.

    Files do not fit in a link: the text says that they are to be attached.
    """
    said = words(n.language)
    for longest in (800, 400, 200, 100, 50, 25):
        link = _link(n, _short(n, said, longest))
        if len(link) <= LONGEST_LINK:
            return link
    return _link(n, said.say("notice.what"))


def _link(n: Notifying, written: str) -> str:
    fields = {"subject": subject(n, n.language), "body": written.replace("\n", "\r\n")}
    told = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    named = ",".join(quote(one, safe="@") for one in n.recipients)
    return f"mailto:{named}?{told}"


def _short(n: Notifying, said: Words, longest: int) -> str:
    """Return the essential facts, names and story cut to `longest` characters."""
    case, unknown = n.case, said.say("notice.unknown")
    attempt = wording.moment(said, case.attempt, n.zone) if case.attempt else unknown
    pairs = (
        (said.say("notice.organisation"), wording.cleaned(case.organisation, min(longest, 80))),
        (said.say("notice.oid"), wording.cleaned(case.oid, 20)),
        (said.say("notice.action"), action(n)),
        (said.say("notice.form-id"), wording.cleaned(case.form_id, 40)),
        (said.say("notice.last-attempt"), attempt),
        (said.say("notice.phone"), wording.cleaned(case.phone, 30)),
        (said.say("notice.happened.short"), wording.cleaned(case.happened, longest)),
    )
    told = [(label, value or unknown) for label, value in pairs]
    return "\n".join([said.say("notice.what"), wording.rows(told), said.say("notice.short.files")])
