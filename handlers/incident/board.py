"""The board: what is there and what is missing, each as a choice, and the way to send it."""

from handlers.incident import clock, draft
from handlers.incident.known import Known
from handlers.incident.words import choice, dated, field, shown
from handlers.turn import Choice, Reply
from handlers.visit import Visit
from rules.incident import Phase


def show(visit: Visit, known: Known, said: str = "") -> Reply:
    """Show what is there and what is missing, after `said`."""
    visit.notes.open_form = draft.FORM
    visit.notes.write(draft.FORM, "asked", "")
    lines = [_line(visit, known, name) for name in known.fields()]
    listed = "\n".join([visit.say("incident.board"), *lines])
    parts = [said, clock_of(visit, known), listed, lacking(visit, known)]
    fields = tuple(_button(visit, known, name) for name in known.fields())
    ends = (choice(visit, "leave", "leave"), choice(visit, "drop", "drop"))
    return reply(visit, parts, (*sends(visit, known), *fields, *ends))


def reply(
    visit: Visit, parts: list[str], choices: tuple[Choice, ...], *, typed_number: bool = False
) -> Reply:
    """Return a reply of `parts`, while the notice is open."""
    return Reply(
        "\n\n".join(part for part in parts if part),
        choices,
        in_place=visit.turn.choice is not None,
        typed_number=typed_number,
        takes_files=True,
    )


def clock_of(visit: Visit, known: Known) -> str:
    """Return what the clock says of the notice."""
    return clock.told(visit, known.within, known.case)


def lacking(visit: Visit, known: Known) -> str:
    """Return what the notice cannot leave without, or that it can leave."""
    if known.body:
        return visit.say("incident.lacking.elsewhere", body=known.body)
    if known.phase is Phase.AFTER:
        return visit.say("incident.lacking.after", agency=visit.desk.agency.short)
    if known.nowhere:
        return _lacking_by_hand(visit, known)
    if known.lacking:
        names = visit.words.listed([_lacked(visit, known, name) for name in known.lacking])
        return visit.say("incident.lacking.some", names=names)
    key = "incident.lacking.early" if known.phase is Phase.EARLY else "incident.lacking.nothing"
    return visit.say(key)


def _lacking_by_hand(visit: Visit, known: Known) -> str:
    if not known.lacking:
        return visit.say("incident.lacking.hand")
    names = visit.words.listed([field(visit, name) for name in known.lacking])
    return visit.say("incident.lacking.hand-some", names=names)


def _lacked(visit: Visit, known: Known, name: str) -> str:
    return field(visit, "code" if name == "mailbox" and known.awaiting else name)


def sends(visit: Visit, known: Known) -> tuple[Choice, ...]:
    """Return the way to the notice: as soon as it can leave, or be written to send by hand."""
    unproved = known.nowhere and not known.proved
    if not known.by_hand and not known.lacking and not unproved:
        return (choice(visit, _looks(known), "preview"),)
    return (choice(visit, "hand", "hand"),) if known.case.action else ()


def _looks(known: Known) -> str:
    """Return what the way to the letter is called: sending comes only once it may leave."""
    if known.phase is Phase.EARLY:
        return "preview-early"
    return "preview" if known.next else "preview-all"


def _line(visit: Visit, known: Known, name: str) -> str:
    there = _value(visit, known, name)
    if there:
        return visit.say("incident.there", name=field(visit, name), value=there)
    key = "incident.needed" if name in known.lacking else "incident.missing"
    return visit.say(key, name=field(visit, name))


def _button(visit: Visit, known: Known, name: str) -> Choice:
    label = field(visit, name)
    is_there = known.has(name) and name not in known.lacking
    return Choice(f"incident:ask:{name}", f"✓ {label}" if is_there else label)


def _value(visit: Visit, known: Known, name: str) -> str:
    """Return what is there of `name`, in a few words; nothing where nothing is."""
    if name == "mailbox":
        return _mailbox(visit, known)
    if name == "files":
        return _files(visit, known)
    told = getattr(known.case, name)
    if name in draft.MOMENTS:
        return dated(visit, told) if told is not None else ""
    if name == "unchanged":
        return "" if told is None else visit.say("incident.yes" if told else "incident.no")
    return shown(told)


def _mailbox(visit: Visit, known: Known) -> str:
    if known.awaiting:
        return visit.say("incident.awaiting", address=shown(known.awaiting, 254))
    return shown(known.proved or "", 254)


def _files(visit: Visit, known: Known) -> str:
    said = []
    if count := len(known.screenshots):
        said.append(visit.say("incident.files.screenshots", n=count))
    if known.form is not None:
        said.append(visit.say("incident.files.form"))
    return visit.words.listed(said)
