"""The methods by which a bot gets its updates: polling and webhooks."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlsplit

from tests.botapi.network import Network
from tests.botapi.refusal import Refusal, bad, too_many
from tests.botapi.webhook import Webhook
from tests.botapi.wire import Described, Embedded, Parameters

Json = dict[str, Any]

LONGEST_POLL = 50
LARGEST_BATCH = 100
MOST_CONNECTIONS = 100
USUAL_CONNECTIONS = 40
SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


async def get_updates(network: Network, parameters: Parameters) -> Embedded:
    """getUpdates; returns the oldest updates from `offset` on and forgets those before it."""
    if network.webhook is not None:
        raise await network.feed.conflict(Refusal(409, WEBHOOK_ACTIVE))
    _allow(network, parameters)
    limit = min(max(parameters.integer("limit", LARGEST_BATCH), 1), LARGEST_BATCH)
    timeout = min(max(parameters.integer("timeout"), 0), LONGEST_POLL)
    return await network.feed.poll(parameters.integer("offset"), limit, timeout)


async def set_webhook(network: Network, parameters: Parameters) -> Described:
    """setWebhook; returns True. Takes plain HTTP on loopback, as a self-hosted server does."""
    url = parameters.text("url")
    if not url:
        return await delete_webhook(network, parameters)
    now = time.monotonic()
    if now < network.next_webhook:
        raise too_many(1)
    network.next_webhook = now + network.webhook_pause
    _check(url, parameters.text("secret_token"))
    network.feed.interrupt("terminated by setWebhook request")
    await _replace(network, parameters)
    _allow(network, parameters)
    network.webhook = _webhook(network, url, parameters)
    network.webhook.start()
    return Described(True, "Webhook was set")


async def delete_webhook(network: Network, parameters: Parameters) -> Described:
    """deleteWebhook; returns True. Updates stay queued unless told otherwise."""
    was_set = network.webhook is not None
    await _replace(network, parameters)
    return Described(True, "Webhook was deleted" if was_set else "Webhook is already deleted")


async def get_webhook_info(network: Network, parameters: Parameters) -> Json:
    """getWebhookInfo; returns the WebhookInfo."""
    info: Json = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(network.feed.pending),
    }
    if network.webhook is not None:
        info |= network.webhook.info()
    if network.feed.chosen:
        info["allowed_updates"] = sorted(network.feed.allowed)
    return info


def _allow(network: Network, parameters: Parameters) -> None:
    kinds = parameters.decoded("allowed_updates", "allowed updates")
    network.feed.allow(kinds if isinstance(kinds, list) else None)


def _webhook(network: Network, url: str, parameters: Parameters) -> Webhook:
    wanted = parameters.integer("max_connections", USUAL_CONNECTIONS)
    connections = min(max(wanted, 1), MOST_CONNECTIONS)
    secret = parameters.text("secret_token")
    return Webhook(network.feed, url, secret, connections, network.webhook_retry)


def _check(url: str, secret: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad("invalid webhook URL specified")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")


async def _replace(network: Network, parameters: Parameters) -> None:
    if network.webhook is not None:
        await network.webhook.stop()
        network.webhook = None
    if parameters.flag("drop_pending_updates"):
        network.feed.clear()
