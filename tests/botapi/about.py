"""The methods about the bot itself and about chats: name, descriptions, command menus, getChat."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from tests.botapi.network import Network
from tests.botapi.refusal import bad
from tests.botapi.wire import Parameters

Json = dict[str, Any]

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MOST_COMMANDS = 100
LONGEST_COMMAND_TEXT = 256
CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    *CHAT_SCOPES,
)


async def get_me(network: Network, parameters: Parameters) -> Json:
    """getMe; returns the bot's User."""
    return network.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": network.reads_groups,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_chat(network: Network, parameters: Parameters) -> Json:
    """getChat; returns the ChatFullInfo."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return network.chat(parameters.text("chat_id")).face | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
    }


async def set_my_commands(network: Network, parameters: Parameters) -> bool:
    """setMyCommands; returns True."""
    key = _menu(network, parameters)
    commands = parameters.decoded("commands", "commands")
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    network.commands[key] = [_command(command) for command in commands]
    return True


async def get_my_commands(network: Network, parameters: Parameters) -> list[Json]:
    """getMyCommands; returns the menu of exactly this scope and language."""
    return network.commands.get(_menu(network, parameters), [])


async def delete_my_commands(network: Network, parameters: Parameters) -> bool:
    """deleteMyCommands; returns True."""
    network.commands.pop(_menu(network, parameters), None)
    return True


def setter(name: str, longest: int) -> Callable[[Network, Parameters], Awaitable[bool]]:
    """Returns the method that sets one of the bot's texts, per language."""

    async def set_text(network: Network, parameters: Parameters) -> bool:
        text = parameters.text(name)
        if len(text) > longest:
            raise bad(f"bot {name.replace('_', ' ')} is too long")
        network.texts[name, _language(parameters)] = text
        return True

    return set_text


def getter(name: str) -> Callable[[Network, Parameters], Awaitable[Json]]:
    """Returns the method that reads one of the bot's texts, falling back to no language."""

    async def get_text(network: Network, parameters: Parameters) -> Json:
        own = network.texts.get((name, _language(parameters)), "")
        usual = network.bot["first_name"] if name == "name" else ""
        return {name: own or network.texts.get((name, ""), "") or usual}

    return get_text


def _language(parameters: Parameters) -> str:
    code = parameters.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code


def _menu(network: Network, parameters: Parameters) -> tuple[str, str]:
    scope = parameters.decoded("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    if scope["type"] in CHAT_SCOPES:
        network.chat(str(scope.get("chat_id", "")))
    return json.dumps(scope, sort_keys=True), _language(parameters)


def _command(command: Json) -> Json:
    name, text = str(command.get("command", "")), str(command.get("description", ""))
    if not COMMAND.fullmatch(name.removeprefix("/")):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(text) <= LONGEST_COMMAND_TEXT:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name.removeprefix("/"), "description": text}
