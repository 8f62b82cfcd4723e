"""What the sender's domain says about its mail in DNS: SPF, DKIM, DMARC (RFC 7208, 6376, 7489).

Where DNS cannot be asked that is told and is no failure: it says nothing about the records.
"""

import ipaddress
from collections.abc import AsyncIterator
from typing import Any

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, NoResolverConfiguration

from bot.commands.checkup.finding import Finding, fails, ok, warning
from bot.settings import Settings

SECONDS = 3.0
SELECTORS = (
    "default", "dkim", "mail", "smtp", "email", "mx", "noon", "key1", "k1", "k2", "k3", "s1", "s2",
    "selector1", "selector2", "google", "pm", "mailjet", "mandrill", "brevo1", "fm1", "zoho",
)  # fmt: skip
"""Names under which DKIM keys are commonly kept. Nobody can ask for all names of a domain."""

INCLUDES = {
    "gmail.com": "include:_spf.google.com",
    "google.com": "include:_spf.google.com",
    "office365.com": "include:spf.protection.outlook.com",
    "amazonaws.com": "include:amazonses.com",
    "sendgrid.net": "include:sendgrid.net",
    "mailgun.org": "include:mailgun.org",
}
"""Ends of a provider's host name, and what that provider has its customers write in SPF."""


class Silence(RuntimeError):
    """DNS cannot be asked from here."""


async def examine(settings: Settings, resolver: Resolver | None = None) -> AsyncIterator[Finding]:
    """Yield what the records of the sender's domain let receivers think of our mail."""
    if settings.mail_from is None or not settings.mail_providers:
        return
    domain = settings.mail_from.rpartition("@")[2]
    try:
        asked = _Records(resolver or Resolver())
        if not await asked.there(domain):
            yield await _unknown(asked, domain)
            return
        yield await _spf(asked, domain, settings)
        yield await _dkim(asked, domain)
        yield await _dmarc(asked, domain, settings)
        yield await _mailbox(asked, domain)
    except (Silence, NoResolverConfiguration):
        yield warning("dns", "doctor.dns.silent", domain=domain)


async def _unknown(asked: "_Records", domain: str) -> Finding:
    """Return what it means that DNS does not know the domain: a closed network knows no name."""
    if not await asked.there(domain.rpartition(".")[2]):
        return warning("dns", "doctor.dns.silent", domain=domain)
    return fails("dns", "doctor.dns.unknown", domain=domain)


class _Records:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def texts(self, name: str) -> list[str]:
        """Return the text records of a name, their pieces put together; none: an empty list."""
        found = await self.found(name, "TXT")
        return [b"".join(record.strings).decode("utf-8", "replace") for record in found]

    async def there(self, name: str) -> bool:
        """Whether anything at all has this name."""
        try:
            await self._resolver.resolve(f"{name}.", "SOA", lifetime=SECONDS)
        except NoAnswer:
            return True
        except NXDOMAIN:
            return False
        except (DNSException, OSError) as error:
            raise Silence from error
        return True

    async def found(self, name: str, kind: str) -> list[Any]:
        """Return the records of a name; none: an empty list."""
        try:
            return list(await self._resolver.resolve(f"{name}.", kind, lifetime=SECONDS))
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError) as error:
            raise Silence from error


async def _spf(asked: _Records, domain: str, settings: Settings) -> Finding:
    policies = [text for text in await asked.texts(domain) if _is(text, "v=spf1")]
    hosts = dict.fromkeys(_senders(provider.host) for provider in settings.mail_providers)
    wanted = f'{domain}. TXT "v=spf1 {" ".join(hosts)} -all"'
    if not policies:
        return fails("dns", "doctor.spf.none", domain=domain, record=wanted)
    if len(policies) > 1:
        return fails("dns", "doctor.spf.several", domain=domain)
    terms = policies[0].lower().split()
    if {"+all", "all"} & set(terms):
        return fails("dns", "doctor.spf.everybody", domain=domain, record=wanted)
    return ok("dns", "doctor.spf.ok", policy=policies[0])


def _is(text: str, version: str) -> bool:
    return text.lower().replace(";", " ").split()[:1] == [version]


def _senders(host: str) -> str:
    """Return the term of SPF for a provider; the host itself where we know nothing better."""
    known = (term for end, term in INCLUDES.items() if host == end or host.endswith(f".{end}"))
    return next(known, _by_address(host))


def _by_address(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "a mx" if host == "localhost" else f"a:{host}"
    # A server on this machine sends from an address that others know and we do not.
    return "a mx" if address.is_loopback else f"ip{address.version}:{address}"


async def _dkim(asked: _Records, domain: str) -> Finding:
    for selector in SELECTORS:
        texts = await asked.texts(f"{selector}._domainkey.{domain}")
        if any(_has_key(text) for text in texts):
            return ok("dns", "doctor.dkim.ok", selector=selector, domain=domain)
    return warning("dns", "doctor.dkim.none", domain=domain)


def _has_key(text: str) -> bool:
    """Whether a DKIM record holds a key; an empty one is a key that was withdrawn."""
    tags = (tag.partition("=") for tag in text.replace(" ", "").split(";"))
    return any(name == "p" and value for name, _, value in tags)


async def _dmarc(asked: _Records, domain: str, settings: Settings) -> Finding:
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        parent = ".".join(labels[start:])
        for text in await asked.texts(f"_dmarc.{parent}"):
            if _is(text, "v=dmarc1"):
                return ok("dns", "doctor.dmarc.ok", domain=parent, policy=text)
    reports = settings.operator_email or f"postmaster@{domain}"
    record = f'_dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:{reports}"'
    return fails("dns", "doctor.dmarc.none", domain=domain, record=record)


async def _mailbox(asked: _Records, domain: str) -> Finding:
    """Return whether the domain takes mail: what comes back goes there."""
    if await asked.found(domain, "MX") or await asked.found(domain, "A"):
        return ok("dns", "doctor.mx.ok", domain=domain)
    return warning("dns", "doctor.mx.none", domain=domain)
