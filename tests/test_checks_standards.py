"""`noon check` names what is planted in hosts, sections, glossary, quotations and sources."""

from pathlib import Path

import pytest

from rules import checks
from rules.loader import load
from tests.test_checks import Cases, copied, plant

HOSTS, SECTIONS = "rules/hosts.toml", "rules/sections.toml"
GLOSSARY, QUOTED = "rules/glossary.toml", "rules/quoted.toml"
HELP = "rules/sources/commission-help.toml"

PLANTED: Cases = {
    "a host that guides need": (
        (HOSTS, '  "jaunatne.gov.lv",\n', ""),
        ("agencies.toml", "website", "official"),
    ),
    "a key of hosts that nobody knows": (
        (HOSTS, "others = [", "everybody = ["),
        ("hosts.toml: others",),
    ),
    "no list of hosts": ((HOSTS, None, ""), ("hosts.toml",)),
    "a page of the Commission on somebody else's site": (
        (HELP, "https://trusted-digital-identity.europa.eu/creating", "https://eu-login.example/c"),
        ("sources/commission-help.toml: ec-eulogin-create-account: url", "eu-login.example"),
    ),
    "a page of the Commission on another agency's site": (
        (HELP, "https://trusted-digital-identity.europa.eu/creating", "https://erasmusplus.rs/c"),
        ("sources/commission-help.toml: ec-eulogin-create-account: url", "erasmusplus.rs"),
    ),
    "another agency that is not on the list": (
        (HOSTS, '  "erasmusplus.rs",\n', ""),
        ("rs-oid: url", "erasmusplus.rs", "other-agency"),
    ),
    "a section that a guide cites": (
        (SECTIONS, '  "Tehniskie nosacījumi",\n', ""),
        ("guides/lv/oid-what.md", "Tehniskie nosacījumi"),
    ),
    "sections of a document that is not there": (
        (SECTIONS, "[viaa-2023]", "[viaa-2024]"),
        ("sections.toml: viaa-2024",),
    ),
    "a key of sections that nobody knows": (
        (SECTIONS, '[noon]\nsections = ["advice"]', '[noon]\nsection = ["advice"]'),
        ("sections.toml: noon.section",),
    ),
    "a key of the glossary that nobody knows": (
        (GLOSSARY, "avoid = [", "avoids = ["),
        ("glossary.toml: term.final-report.avoids",),
    ),
    "an old name with no source": (
        (GLOSSARY, 'source = "jspa-oid-2019"\n', ""),
        ("glossary.toml: old.pic.source",),
    ),
    "an old name with a source that is not there": (
        (GLOSSARY, 'source = "jspa-oid-2019"', 'source = "jspa-oid-2091"'),
        ("glossary.toml: old.pic", "jspa-oid-2091"),
    ),
    "an old name that no guide dates": (
        (GLOSSARY, 'when = ["2025. gada 1. jūlij*", "1 July 2025"]', 'when = ["never"]'),
        ("glossary.toml: old.sms-code", " lv ", "when"),
    ),
    "an old name that no guide replaces": (
        (GLOSSARY, 'now = ["Beneficiary Module"]', 'now = ["Mobility Tool 2"]'),
        ("glossary.toml: old.mobility-tool", " en ", "instead"),
    ),
    "the disclaimer of the data changed": (
        (QUOTED, "Views and opinions expressed are", "Views and opinions are"),
        ("guides/lv/visibility.md: steps 5", "disclaimer (en)"),
    ),
    "the disclaimer for an agency that is not there": (
        (QUOTED, 'agency = "LV01"', 'agency = "LV02"'),
        ("quoted.toml: disclaimer.agency", "LV02"),
    ),
    "the disclaimer with another agency's Latvian name": (
        (QUOTED, "Valsts izglītības attīstības", "Jaunatnes starptautisko programmu"),
        ("quoted.toml: disclaimer.name.lv", "Valsts izglītības attīstības aģentūra"),
    ),
    "the disclaimer with another agency's English name": (
        (QUOTED, "State Education Development Agency", "State Education Agency"),
        ("quoted.toml: disclaimer.name.en", "State Education Development Agency"),
    ),
    "a disclaimer with no place for the name": (
        (QUOTED, "or {agency}.", "or the agency."),
        ("quoted.toml: disclaimer.en", "{agency}"),
    ),
    "a format fewer in the data": (
        (QUOTED, '"ogg", ', ""),
        ("guides/en/prp-file-types.md: steps 2", "formats"),
    ),
    "another size in the data": (
        (QUOTED, "megabytes = 100", "megabytes = 50"),
        ("guides/lv/prp-file-types.md: steps 1", "100 MB"),
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_mistake_is_named_by_file_and_key(what: str, tmp_path: Path) -> None:
    edit, named = PLANTED[what]
    data = copied(tmp_path)
    plant(data, edit)
    rules = data / "rules"
    answer = checks.problems(load(rules=rules, calendar=data / "calendar"), rules)
    assert any(all(part in line for part in named) for line in answer), answer
