"""Reply markup: what the server takes, and what it refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tests.botapi.refusal import Refusal, bad
from tests.botapi.wire import Parameters

Json = dict[str, Any]

ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
LONGEST_DATA = 64
OTHER_KINDS = ("keyboard", "remove_keyboard", "force_reply")


def reply_markup(parameters: Parameters) -> Json | None:
    """Returns the checked reply markup of a call, None if there is none.

    Raises:
        Refusal: 400 for a keyboard the real server would not take.
    """
    markup = parameters.decoded("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        _check_inline(markup["inline_keyboard"])
    elif not any(kind in markup for kind in OTHER_KINDS):
        return None
    return markup


def inline_markup(parameters: Parameters) -> Json | None:
    """Returns the inline keyboard of an edit, None for none or an empty one.

    Raises:
        Refusal: 400 when another kind of markup is given.
    """
    markup = reply_markup(parameters)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad("inline keyboard expected")
    return shown(markup)


def shown(markup: Json | None) -> Json | None:
    """Returns the markup as the message shows it: only an inline keyboard with buttons."""
    if markup is None or not any(markup.get("inline_keyboard", [])):
        return None
    return {"inline_keyboard": [row for row in markup["inline_keyboard"] if row]}


def _check_inline(rows: Any) -> None:
    if not isinstance(rows, list):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad("can't parse inline keyboard: row must be an Array")
        for button in row:
            _check_button(button)


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise _unparsed('Can\'t find field "text"')
    if not button["text"].strip():
        raise bad("BUTTON_TEXT_INVALID")
    if not any(button.get(action) not in (None, "") for action in ACTIONS):
        raise _unparsed("Text buttons are unallowed in the inline keyboard")
    if len(str(button.get("callback_data") or "").encode()) > LONGEST_DATA:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        _check_url(str(button["url"]))


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme == "tg":
        return
    if parts.scheme not in ("http", "https"):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if "." not in (parts.hostname or ""):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _unparsed(reason: str) -> Refusal:
    return bad(f"can't parse inline keyboard button: {reason}")
