"""`noon check` names what is planted in guides: structure, addresses, sections, quotations."""

import time
from dataclasses import replace

import pytest

from bot.checks import problems
from rules import checks
from rules.loader import LANGUAGES
from tests.planting import as_loaded, assert_named_in_guide
from tests.test_checks import Cases

LV, EN = "rules/guides/lv/oid-what.md", "rules/guides/en/oid-what.md"
SEEN = {language: f"rules/guides/{language}/visibility.md" for language in LANGUAGES}
TYPES = {language: f"rules/guides/{language}/prp-file-types.md" for language in LANGUAGES}
PLATFORM = "https://webgate.ec.europa.eu/erasmus-esc/index/"

CONTRACT = (
    *(
        "eulogin-create",
        "eulogin-password",
        "eulogin-no-email",
        "eulogin-shared-mailbox",
        "eulogin-2fa",
        "eulogin-lost-2fa",
        "eulogin-change-email",
    ),
    *(
        "oid-what",
        "oid-find",
        "oid-register",
        "oid-documents",
        "oid-certification",
        "oid-update",
        "oid-users",
        "oid-duplicate",
    ),
    *(
        "form-open",
        "form-partners",
        "form-declaration",
        "form-annexes",
        "form-share",
        "form-checklist",
        "form-submit",
        "form-confirmation",
        "form-reopen",
    ),
    *(
        "bm-access",
        "bm-workpackages",
        "bm-activities",
        "bm-budget",
        "bm-changes",
    ),
    *(
        "report-content",
        "report-submit",
    ),
    *(
        "prp-access",
        "prp-project-page",
        "prp-add-result",
        "prp-file-types",
        "prp-titles",
        "prp-not-publish",
        "prp-submit",
        "prp-status",
    ),
    *(
        "platform-access",
        "late-submission",
        "deadline",
        "contacts",
        "language-label",
        "visibility",
    ),
)
"""The 45 topic ids that were promised to the outside."""

STRUCTURE: Cases = {
    "a number that differs": (
        (EN, "eight digits", "8 digits"),
        ("guides/en/oid-what.md: summary", "numbers"),
    ),
    "a date that differs": (
        (EN, "out of date since 22 October 2019", "out of date since 23 October 2019"),
        ("guides/en/oid-what.md: trouble", "numbers"),
    ),
    "an address that differs": (
        (SEEN["en"], "](https://www.erasmusplus.lv/logo)", "](https://erasmusplus.lv/kontakti)"),
        ("guides/en/visibility.md: steps 1", "addresses"),
    ),
    "a block filled in for one language alone": (
        (EN, "## Notes\n", "## Notes\n- {{contacts}}\n"),
        ("guides/en/oid-what.md: notes",),
    ),
    "a step more": (
        (EN, "## Steps\n", "## Steps\n1. One more. {noon:advice}\n"),
        ("guides/en/oid-what.md: steps", "9 items", "Latvian 8"),
    ),
    "a trouble more": (
        (EN, "## Trouble\n", "## Trouble\n- **More** — less. {noon:advice}\n"),
        ("guides/en/oid-what.md: trouble", "items"),
    ),
    "a link to another page": (
        (EN, f'url = "{PLATFORM}"', f'url = "{PLATFORM}#"'),
        ("guides/en/oid-what.md: links",),
    ),
}

ADDRESSES: Cases = {
    "a link to a site that is nobody's": (
        (LV, f'url = "{PLATFORM}"', 'url = "https://erasmus-esc.example/"'),
        ("guides/lv/oid-what.md: links", "erasmus-esc.example"),
    ),
    "a link to a site that only looks official": (
        (LV, f'url = "{PLATFORM}"', 'url = "https://webgate.ec.europa.eu.example/"'),
        ("guides/lv/oid-what.md: links", "webgate.ec.europa.eu.example"),
    ),
    "a link in a step to another agency": (
        (SEEN["lv"], "](https://www.erasmusplus.lv/logo)", "](https://www.erasmusplus.rs/logo)"),
        ("guides/lv/visibility.md: steps 1", "erasmusplus.rs", "official"),
    ),
    "a link in the clear": (
        (LV, f'url = "{PLATFORM}"', f'url = "{PLATFORM.replace("https", "http")}"'),
        ("guides/lv/oid-what.md: links", "https://"),
    ),
    "a link that is no address": (
        (LV, f'url = "{PLATFORM}"', 'url = "webgate.ec.europa.eu"'),
        ("guides/lv/oid-what.md: links", "no address"),
    ),
}

SECTIONS: Cases = {
    "a slide that is not in the slides": (
        (LV, "viaa-2026:Tehniskie nosacījumi", "viaa-2026:Tehniskās prasības"),
        ("guides/lv/oid-what.md: steps 5", "Tehniskās prasības", "section"),
    ),
    "a section of a page that has no list of them": (
        (LV, "{jspa-oid-2019;", "{jspa-oid-2019:3. punkts;"),
        ("guides/lv/oid-what.md: steps 4", "3. punkts"),
    ),
    "advice under another name": (
        (SEEN["lv"], "noon:advice", "noon:advise"),
        ("guides/lv/visibility.md: before 2", "noon:advise"),
    ),
    "a source that is not there": (
        (LV, "{jspa-oid-2019;", "{jspa-oid-2091;"),
        ("guides/lv/oid-what.md: steps 4", "jspa-oid-2091"),
    ),
    "a step that rests on a mark alone": (
        (LV, "{pg-2026:413-414; rs-oid; corrects pic}", "{corrects pic}"),
        ("lv/oid-what.md", "references"),
    ),
}

QUOTATIONS: Cases = {
    "the Latvian disclaimer changed in the Latvian guide": (
        (SEEN["lv"], "uzskatus un viedokļus. Ne", "uzskatus. Ne"),
        ("guides/lv/visibility.md: steps 4", "disclaimer (lv)"),
    ),
    "the Latvian disclaimer changed in the English guide": (
        (SEEN["en"], "saukt pie atbildības", "turēt pie atbildības"),
        ("guides/en/visibility.md: steps 4", "disclaimer (lv)"),
    ),
    "the English disclaimer changed in the Latvian guide": (
        (SEEN["lv"], "are however those", "are, however, those"),
        ("guides/lv/visibility.md: steps 5", "disclaimer (en)"),
    ),
    "the English disclaimer without the agency's name": (
        (SEEN["en"], "the State Education Development Agency (VIAA).", "the granting authority."),
        ("guides/en/visibility.md: steps 5", "disclaimer (en)"),
    ),
    "the disclaimer left out": (
        (SEEN["en"], "Views and opinions expressed are", "What is said is"),
        ("guides/en/visibility.md", "disclaimer (en)", "missing"),
    ),
    "a format fewer": (
        (TYPES["lv"], "mpeg, mpg, ogg", "mpeg, ogg"),
        ("guides/lv/prp-file-types.md: steps 2", "formats"),
    ),
    "a format more": (
        (TYPES["en"], "ppt, pps", "ppt, pptx, pps"),
        ("guides/en/prp-file-types.md: steps 2", "formats"),
    ),
    "formats in another order": (
        (TYPES["en"], "jpeg, jpg", "jpg, jpeg"),
        ("guides/en/prp-file-types.md: steps 2", "formats"),
    ),
    "no formats at all": (
        (TYPES["en"], "pdf, jpeg, jpg, tif, png, gif, mpeg, mpg, ogg, ppt, pps, xls", "pdf"),
        ("guides/en/prp-file-types.md", "formats is missing"),
    ),
    "another count of formats": (
        (TYPES["lv"], "21 formāts", "22 formāts"),
        ("guides/lv/prp-file-types.md: summary", "22"),
    ),
    "another size": (
        (TYPES["en"], "at most 100 MB.", "at most 10 MB."),
        ("guides/en/prp-file-types.md: summary", "10 MB"),
    ),
}

PLANTED = STRUCTURE | ADDRESSES | SECTIONS | QUOTATIONS


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_mistake_is_named_by_file_and_key(what: str) -> None:
    assert_named_in_guide(*PLANTED[what])


def test_the_promised_topics_have_guides_in_both_languages() -> None:
    facts = as_loaded()
    assert len(CONTRACT) == len({*CONTRACT}) == 45
    assert {*CONTRACT} <= facts.topics.keys()
    written_in = {(topic, language) for topic in CONTRACT for language in LANGUAGES}
    assert written_in <= facts.guides.keys()


def test_a_topic_without_a_guide_is_named_in_both_languages() -> None:
    facts = as_loaded()
    left = {key: guide for key, guide in facts.guides.items() if key[0] != "oid-what"}
    answer = checks.problems(replace(facts, guides=left))
    for language in LANGUAGES:
        assert f"guides/{language}/oid-what.md: the guide is missing" in answer


def test_the_whole_check_takes_less_than_three_seconds_of_the_processor() -> None:
    began = time.process_time()
    problems()
    assert time.process_time() - began < 3
