"""Two independent clients carry out the same order: aiosmtplib, and the standard library's."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
from collections.abc import Awaitable, Callable

import aiosmtplib

from tests.smtp.outcome import SENDER, Order, Outcome, mail

NAME = "client.example.org"
"""Given, because both libraries else ask the resolver for this machine's name."""

Client = Callable[[Order], Awaitable[Outcome]]


def from_aiosmtplib(order: Order) -> aiosmtplib.SMTP:
    """Returns a client that has not connected yet."""
    return aiosmtplib.SMTP(
        hostname=order.host,
        port=order.port,
        use_tls=order.tls == "tls",
        start_tls=order.tls == "starttls",
        tls_context=order.context(),
        username=order.user or None,
        password=order.password or None,
        local_hostname=NAME,
        timeout=order.timeout,
    )


async def with_aiosmtplib(order: Order) -> Outcome:
    """Carries an order out with aiosmtplib."""
    client = from_aiosmtplib(order)
    outcome = Outcome()
    try:
        await client.connect()
        await _send(client, order, outcome)
    except (aiosmtplib.SMTPException, OSError) as error:
        outcome.error = error
    finally:
        client.close()
    return outcome


async def _send(client: aiosmtplib.SMTP, order: Order, outcome: Outcome) -> None:
    try:
        refused, _ = await client.sendmail(
            SENDER,
            order.recipients,
            order.message,
            mail_options=order.mail_options,
            rcpt_options=order.rcpt_options,
        )
        outcome.refused = {who: reply.code for who, reply in refused.items()}
    except aiosmtplib.SMTPException as error:
        outcome.error = error
    outcome.state = "usable" if client.is_connected else "closed"
    if order.once_more and client.is_connected:
        await _send_again(client, order, outcome)
    if client.is_connected:
        try:
            await client.quit()
        except aiosmtplib.SMTPException as error:
            outcome.leaving = error


async def _send_again(client: aiosmtplib.SMTP, order: Order, outcome: Outcome) -> None:
    outcome.state = "spoilt"
    with contextlib.suppress(aiosmtplib.SMTPException):
        await client.sendmail(SENDER, order.recipients, mail(2))
        outcome.state = "usable"


async def with_smtplib(order: Order) -> Outcome:
    """Carries an order out with smtplib, in a thread."""
    return await asyncio.to_thread(_in_thread, order)


def from_smtplib(order: Order) -> smtplib.SMTP:
    """Returns a client that has connected and logged in as ordered."""
    place = (order.host, order.port, NAME)
    if order.tls == "tls":
        return smtplib.SMTP_SSL(*place, timeout=order.timeout, context=order.context())
    return smtplib.SMTP(*place, timeout=order.timeout)


def _in_thread(order: Order) -> Outcome:
    outcome = Outcome()
    with contextlib.ExitStack() as ending:
        try:
            client = from_smtplib(order)
            ending.callback(client.close)
            _enter(client, order)
            _send_in_thread(client, order, outcome)
        except (smtplib.SMTPException, OSError) as error:
            outcome.error = error
    return outcome


def _enter(client: smtplib.SMTP, order: Order) -> None:
    if order.tls == "starttls":
        client.starttls(context=order.context())
    if order.user:
        client.login(order.user, order.password)


def _send_in_thread(client: smtplib.SMTP, order: Order, outcome: Outcome) -> None:
    try:
        options = (order.mail_options, order.rcpt_options)
        refused = client.sendmail(SENDER, order.recipients, order.message, *options)
        outcome.refused = {who: code for who, (code, _) in refused.items()}
    except smtplib.SMTPException as error:
        outcome.error = error
    outcome.state = "usable" if client.sock is not None else "closed"
    if order.once_more and client.sock is not None:
        outcome.state = "spoilt"
        with contextlib.suppress(smtplib.SMTPException):
            client.sendmail(SENDER, order.recipients, mail(2))
            outcome.state = "usable"
    if client.sock is not None:
        try:
            client.quit()
        except smtplib.SMTPException as error:
            outcome.leaving = error


CLIENTS: dict[str, Client] = {"aiosmtplib": with_aiosmtplib, "smtplib": with_smtplib}
