"""A walk through everything that can be pressed: each choice leads to a reply, in both languages.

Breadth first from the commands; a choice is pressed once, in the conversation it was first offered
in, and once more by somebody who has just erased everything.
"""

from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.markup import read
from handlers.notebook import Notebook
from handlers.table import CAPABILITIES
from handlers.turn import Reply
from handlers.words import LANGUAGES, words
from rules.deadlines import KA2
from tests.talk import Talk, the_facts

MOST = 3000
COMMANDS = sorted({f"/{name}" for capability in CAPABILITIES for name in capability.commands})
ODD = (
    *("?", "0", "-1", "9999", "no", "jā", "²", "٢٤", "9999-12-31", "0001-01-01", "31.12.9999"),
    *("Latvija", "LV EE NO", "EU", "Narnia", "**x**", "{n}", "%s", "\x00", "🙂" * 50, "/", "\\"),
)


def check(replies: list[Reply], place: object) -> Iterator[str]:
    """Yield the choices offered, once nothing is wrong with the replies."""
    assert replies, place
    for reply in replies:
        assert reply.text.strip(), place
        assert not any(reply.text == words(spoken).say("router.gone") for spoken in LANGUAGES), (
            place
        )
        assert read(reply.text)
        ids = [choice.id for choice in reply.choices]
        assert len(ids) == len(set(ids)), place
        assert all(choice.label.strip() for choice in reply.choices), place
        assert all(file.content for file in reply.files), place
        yield from ids


async def walk(language: str) -> dict[str, Notebook]:
    """Return every choice that can be reached, with the notes of whoever is offered it first."""
    found: dict[str, Notebook] = {}
    waiting: deque[tuple[str, Notebook]] = deque()

    def note(talk: Talk, choices: Iterator[str]) -> None:
        for choice in choices:
            if choice not in found:
                found[choice] = deepcopy(talk.notes)
                waiting.append((choice, found[choice]))

    starts = [*COMMANDS, *(f"/start {topic}" for topic in the_facts().topics)]
    starts += [*(f"/eligibility {action}" for action in KA2), "OID", "kaut kas", "/deadlines VET"]
    for start in starts:
        talk = Talk(language)
        note(talk, check(await talk.say(start), start))
    while waiting:
        choice, notes = waiting.popleft()
        talk = Talk(language, notes=deepcopy(notes))
        note(talk, check(await talk.press(choice), choice))
        assert len(found) < MOST, "the walk does not end"
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_choice_leads_somewhere(language: str) -> None:
    found = await walk(language)
    assert {choice.partition(":")[0] for choice in found} >= {
        *("steps", "deadlines", "eligibility", "language", "privacy"),
    }
    assert sum(choice.startswith("eligibility:answer:") for choice in found) > 100
    for choice in found:
        talk = Talk(language)
        list(check(await talk.press(choice), choice))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", KA2)
async def test_odd_answers_to_every_question_are_taken_or_asked_again(
    action: str, language: str
) -> None:
    talk = Talk(language)
    replies = await talk.say(f"/eligibility {action}")
    asked = 0
    while talk.notes.open_form:
        asked += 1
        for odd in ODD:
            other = Talk(language, notes=deepcopy(talk.notes))
            list(check(await other.say(odd), (asked, odd)))
        replies = await talk.press(replies[0].choices[0].id)
    assert asked >= 12


QUESTIONS = st.lists(
    st.sampled_from(ODD) | st.sampled_from(["1.5.2020", "2026-10-01", "24", "LV EE NO", "yes"]),
    min_size=1,
    max_size=40,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(KA2), st.sampled_from(LANGUAGES), QUESTIONS, st.randoms())
async def test_any_mix_of_typing_and_pressing_ends_in_a_reply(
    action: str, language: str, typed: list[str], chance: Random
) -> None:
    talk = Talk(language)
    replies = await talk.say(f"/eligibility {action}")
    for text in typed:
        choices = list(check(replies, text))
        press = bool(choices) and chance.random() < 0.7
        replies = await (talk.press(chance.choice(choices)) if press else talk.say(text))
