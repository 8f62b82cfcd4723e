"""The answers with which the Bot API says no, worded as the real server words them.

The wording was checked against the published source of the Bot API server (Client.cpp and the HTML
reader of TDLib); bots are known to look at it, so it must not drift.
"""

from __future__ import annotations

from typing import Any

PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    421: "Misdirected Request",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class Refusal(Exception):
    """A request that is answered with `ok: false`.

    `code` is both the HTTP status and `error_code`; `parameters` is the optional object with
    `retry_after` or `migrate_to_chat_id`.
    """

    def __init__(self, code: int, text: str = "", parameters: dict[str, Any] | None = None) -> None:
        prefix = PREFIXES.get(code, "Error")
        self.code = code
        self.description = f"{prefix}: {text}" if text else prefix
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> dict[str, Any]:
        """Returns the answer's JSON object."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters is not None:
            body["parameters"] = self.parameters
        return body


def bad(text: str) -> Refusal:
    """Returns a 400 with this reason."""
    return Refusal(400, text)


def too_many(retry_after: int) -> Refusal:
    """Returns a 429 that asks to wait `retry_after` seconds."""
    return Refusal(429, f"retry after {retry_after}", {"retry_after": retry_after})


def migrated(chat_id: int) -> Refusal:
    """Returns the 400 for a group that has become the supergroup `chat_id`."""
    text = "group chat was upgraded to a supergroup chat"
    return Refusal(400, text, {"migrate_to_chat_id": chat_id})
