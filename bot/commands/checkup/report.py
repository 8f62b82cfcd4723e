"""The findings as lines for people, or as one JSON value for programs."""

import sys

from bot.commands.checkup.examination import examine
from bot.commands.checkup.finding import Finding, Health
from bot.settings import Settings
from handlers.words import Words

_HEALTH = {
    Health.OK: "doctor.health.ok",
    Health.WARNING: "doctor.health.warning",
    Health.FAILS: "doctor.health.fails",
}


async def report(settings: Settings, speech: Words, *, quiet: bool) -> list[Finding]:
    """Return all findings; unless `quiet`, each is printed as soon as it is made."""
    made = []
    async for finding in examine(settings):
        made.append(finding)
        if not quiet:
            print_line(finding, speech)
    return made


def print_line(finding: Finding, speech: Words) -> None:
    """Print one finding."""
    health = speech.say(_HEALTH[finding.health])
    sys.stdout.write(f"{health:<12} {finding.told(speech)}\n")
    sys.stdout.flush()


def fine(findings: list[Finding]) -> bool:
    """Whether nothing fails."""
    return all(finding.health is not Health.FAILS for finding in findings)


def record(findings: list[Finding], speech: Words) -> dict[str, object]:
    """Return the findings as JSON values."""
    told = [
        {"about": each.about, "health": each.health.value, "text": each.told(speech)}
        for each in findings
    ]
    return {"fine": fine(findings), "findings": told}
