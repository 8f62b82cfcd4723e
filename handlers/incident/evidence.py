"""Screenshots and the form's PDF: each is acknowledged with what was kept, or why it was not."""

from handlers.cases import Added, Cases
from handlers.incident import asking, draft, reading
from handlers.incident.answering import recognised
from handlers.incident.known import learn
from handlers.incident.unreadable import Unreadable
from handlers.incident.words import size
from handlers.turn import Reply, Upload
from handlers.visit import Visit


async def take(visit: Visit, cases: Cases) -> Reply:
    """Keep the files of this turn; a caption is read like a typed text."""
    name = draft.told(visit.notes, "asked")
    said = [await _added(visit, cases, upload) for upload in visit.turn.uploads]
    said += await _caption(visit, cases, name)
    known = await learn(visit, cases)
    return asking.after(visit, known, name, "\n".join(said))


async def lost(visit: Visit, cases: Cases) -> Reply:
    """Say that a file did not arrive, and what to do."""
    return asking.again(visit, await learn(visit, cases), visit.say("incident.file.lost"))


async def remove(visit: Visit, cases: Cases, identifier: str) -> Reply:
    """Forget a file that was kept."""
    gone = await cases.drop(identifier)
    known = await learn(visit, cases)
    if not known.has_form:
        draft.note(visit.notes, "unchanged", "")
    key = "incident.file.removed" if gone else "incident.file.not-there"
    return asking.ask(visit, await learn(visit, cases), "files", visit.say(key))


async def _added(visit: Visit, cases: Cases, upload: Upload) -> str:
    added = await cases.add(upload)
    if added is Added.REFUSED:
        return visit.say("incident.file.refused", why=problem(visit, upload.problem))
    count = sum(one.kind != "form" for one in await cases.files())
    if added is Added.FORM:
        draft.note(visit.notes, "unchanged", "")
    said = visit.say(f"incident.file.{added}", size=size(upload.size), number=count)
    if added is Added.FORM and upload.problem:
        said = f"{said} {visit.say('incident.file.by-hand', why=problem(visit, upload.problem))}"
    return said


def problem(visit: Visit, name: str) -> str:
    """Return why a file is not taken, or why it goes by hand, with what to do."""
    key = f"incident.problem.{name}"
    known = key if visit.words.has(key) else "incident.problem.kind"
    return visit.say(known, agency=visit.desk.agency.short)


async def _caption(visit: Visit, cases: Cases, name: str) -> list[str]:
    text = visit.turn.text.strip()
    found = reading.recognise(text)
    said = await recognised(visit, cases, found)
    if text and name == "happened" and not found.alone:
        try:
            draft.note(visit.notes, name, reading.answer(name, text))
        except Unreadable as unreadable:
            return [visit.say(unreadable.problem, longest=reading.LONGEST[name])]
        return [said] if said else []
    return [said] if said else []
