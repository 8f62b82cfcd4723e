"""The same conversation against the real desk: what is said agrees with what is kept."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col

from bot.store.database import Database
from bot.store.tables import Evidence, Incident, OutboxMessage
from handlers.cases import Standing, Way
from handlers.markup import plain
from handlers.notebook import Notebook
from handlers.router import respond
from handlers.turn import Reply, Turn, Upload
from tests.incident_talk import said
from tests.notices import AGENCY, BEFORE, DURING, ENDS, MINUTE, Bureau, pdf, picture
from tests.post_office import ANNA, SOON


class Applicant:
    """Somebody who tells a notice to the real desk, one turn a transaction."""

    def __init__(self, bureau: Bureau, name: str = "web-1", language: str = "lv") -> None:
        self.bureau = bureau
        self.name = name
        self.language = language
        self.notes = Notebook()
        self.replies: list[Reply] = []

    async def say(self, text: str) -> str:
        return await self._turn(Turn(self.name, self.bureau.now, text, None, self.language))

    async def press(self, choice: str) -> str:
        found = [one for one in self.offered if one == choice or one.startswith(f"{choice}:")]
        assert found, (choice, self.offered)
        return await self._turn(Turn(self.name, self.bureau.now, "", found[0], self.language))

    async def send(self, choice: str) -> str:
        return await self._turn(Turn(self.name, self.bureau.now, "", choice, self.language))

    async def upload(self, *uploads: Upload) -> str:
        turn = Turn(self.name, self.bureau.now, "", None, self.language, uploads=uploads)
        return await self._turn(turn)

    @property
    def offered(self) -> list[str]:
        return [choice.id for reply in self.replies for choice in reply.choices]

    async def _turn(self, turn: Turn) -> str:
        self.notes = self.notes.copied()
        self.bureau.now += timedelta(seconds=5)
        async with self.bureau.cases(self.name) as cases:
            self.replies = await respond(turn, self.notes, self.bureau.desk, None, cases)
        return "\n\n".join(plain(reply.text) for reply in self.replies)

    async def told(self) -> None:
        """Tell all that a notice needs, the code before it is known to be right."""
        await self.send("incident:go")
        await self.say(ANNA)
        await self.send("incident:set:action:KA210")
        await self.say("Rīgas 1. vidusskola")
        await self.say((await self.bureau.codes(self.name))[-1])
        await self.say("Spiedu Submit, parādījās error 500 formā KA210-VET-0A1B2C3D.")


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> Bureau:
    return Bureau(database, tmp_path)


async def test_from_cannot_submit_to_a_notice_on_its_way(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.say("nevaru iesniegt")
    await anna.told()
    await anna.say("11:58 Briselē")
    await anna.upload(picture(1), picture(2), pdf())
    await anna.press("incident:set:unchanged:yes")
    preview = await anna.send("incident:preview")
    for shown in (AGENCY, ANNA, "Rīgas 1. vidusskola", "KA210-VET-0A1B2C3D", "11:58"):
        assert shown in preview
    await anna.press("incident:confirm")
    (notice,) = await bureau.notices()
    assert (notice.way, notice.address, notice.mailbox) == (Way.SENDING, ANNA, AGENCY)
    assert (notice.case.deadline, notice.case.unchanged) == (SOON, True)
    assert len(notice.files) == 3
    (message,) = await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "incident")
    assert message["address"] == AGENCY
    answer = await anna.send("incident:show")
    assert said(f"incident.standing.{Standing.CAPTURED}", "lv", agency="VIAA") in answer or (
        said(f"incident.standing.{Standing.WAITING}", "lv", agency="VIAA") in answer
    )
    await anna.press("incident:letter")
    assert anna.replies[0].files[0].name.endswith(".eml")
    await anna.send(f"incident:receipt:{notice.id}")
    assert [file.media_type for file in anna.replies[0].files] == ["text/plain", "application/pdf"]


async def test_a_correction_and_then_no_more(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.told()
    for number in range(3):
        await anna.send("incident:ask:title")
        await anna.say(f"Nosaukums {number}")
        await anna.send("incident:preview")
        await anna.press("incident:confirm")
        notices = await bureau.notices()
        assert [one.number for one in notices] == list(range(number + 1))
        await anna.send(f"incident:correct:{notices[-1].id}")
    await anna.send("incident:ask:title")
    await anna.say("Nosaukums 4")
    await anna.send("incident:preview")
    answer = await anna.press("incident:confirm")
    assert said("incident.refused.enough", "lv", agency="VIAA") in answer
    assert len(await bureau.rows(Incident)) == 3


@pytest.mark.parametrize(("now", "count"), [(ENDS - MINUTE, 1), (ENDS, 0), (ENDS + MINUTE, 0)])
async def test_when_the_window_closes_it_goes_by_hand(
    bureau: Bureau, now: datetime, count: int
) -> None:
    bureau.now = ENDS - 20 * MINUTE
    anna = Applicant(bureau)
    await anna.told()
    await anna.send("incident:preview")
    (confirm,) = [each for each in anna.offered if each.startswith("incident:confirm")]
    bureau.now = now
    answer = await anna.send(confirm)
    assert len(await bureau.rows(Incident)) == count
    assert (said("incident.hand.late", "lv", agency="VIAA") in answer) is (count == 0)


async def test_early_nothing_leaves(bureau: Bureau) -> None:
    bureau.now = BEFORE - timedelta(days=2)
    anna = Applicant(bureau)
    await anna.told()
    await anna.send("incident:preview")
    assert not [each for each in anna.offered if each.startswith("incident:confirm")]
    assert await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "incident") == []


async def test_without_a_mailbox_of_the_agency_the_letter_is_handed_over(bureau: Bureau) -> None:
    bureau.given = {}
    anna = Applicant(bureau)
    await anna.told()
    await anna.upload(pdf(problem="active"))
    await anna.send("incident:preview")
    answer = await anna.press("incident:confirm")
    handed = [file.name[-4:] for reply in anna.replies for file in reply.files]
    assert handed == [".eml", ".txt"]
    (notice,) = await bureau.notices()
    assert notice.way is Way.BY_HAND
    assert "+371" in answer
    assert any(file.name.endswith(".eml") for reply in anna.replies for file in reply.files)
    assert await bureau.rows(OutboxMessage, col(OutboxMessage.kind) == "incident") == []


async def test_a_letter_by_hand_needs_no_code(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.send("incident:go")
    await anna.send("incident:set:action:KA210")
    await anna.say("Rīgas 1. vidusskola")
    await anna.send("incident:hand")
    assert [file.name.endswith(".eml") for file in anna.replies[0].files][:1] == [True]


async def test_deleting_the_draft_deletes_its_files(bureau: Bureau) -> None:
    anna = Applicant(bureau)
    await anna.told()
    await anna.upload(picture(), pdf())
    assert len(await bureau.rows(Evidence)) == 2
    await anna.send("incident:drop")
    await anna.press("incident:drop:yes")
    assert await bureau.rows(Evidence) == []
    assert anna.notes.read("incident") == {}


async def test_somebody_elses_notice_is_not_told(bureau: Bureau) -> None:
    anna, ben = Applicant(bureau), Applicant(bureau, "web-2")
    await anna.told()
    await anna.send("incident:preview")
    await anna.press("incident:confirm")
    (notice,) = await bureau.notices()
    for act in ("notice", "letter", "receipt", "correct"):
        answer = await ben.send(f"incident:{act}:{notice.id}")
        assert said("incident.none", "lv") in answer
        assert "vidusskola" not in answer
        assert not [file for reply in ben.replies for file in reply.files]
    assert bureau.now > DURING
