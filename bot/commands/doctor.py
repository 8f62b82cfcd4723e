"""`noon doctor`: tries the configuration on the real servers it names, and says what to do."""

import asyncio
from typing import Annotated

import typer


def doctor(
    lang: Annotated[str | None, typer.Option("--lang", help="lv or en.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value and nothing else.")
    ] = False,
) -> None:
    """Test the configuration against the real servers it names."""
    from bot.cli import fail, language, show
    from bot.commands.checkup.finding import fails
    from bot.commands.checkup.report import fine, print_line, record, report
    from bot.logs import set_up
    from bot.settings import BadSettings, load_settings
    from handlers.words import LANGUAGES, words

    try:
        settings = load_settings()
    except BadSettings as bad:
        if lang is not None and lang not in LANGUAGES:
            fail(f"--lang {lang}: Noon speaks {' and '.join(LANGUAGES)}")
        speech = words(lang or "en")
        findings = [fails("settings", "doctor.settings.bad", problem=bad)]
        if not as_json:
            print_line(findings[0], speech)
    else:
        set_up(settings.secrets)
        speech = words(language(lang, settings))
        findings = asyncio.run(report(settings, speech, quiet=as_json))
    if as_json:
        show(record(findings, speech))
    raise SystemExit(0 if fine(findings) else 1)
