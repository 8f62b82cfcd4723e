"""Every address is on the list of hosts, and guides lead to official sites alone."""

import re
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from rules.checks.passages import everywhere
from rules.checks.references import versions
from rules.checks.standards import Hosts
from rules.loader import Facts, read

_UNION = ".europa.eu"
"""The domain of the institutions, which nobody else gets names in."""

_ADDRESS = re.compile(r"(?:(?:https?|ftp)://|mailto:)[^\s)<>„”“\"]+", re.IGNORECASE)
_WEB = re.compile(r"(?:https?|ftp)://[^\s)<>„”“\"]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@(?P<host>[\w.-]+\w)")
_BARE = re.compile(r"(?<![\w.-])(?P<host>(?:\w(?:[\w-]*\w)?\.)+[^\W\d_]{2,})(?!\w)(?:/\S*)?")
_FILES = (".pdf", ".png", ".jpg", ".docx", ".xlsx", ".zip")


def problems(facts: Facts, hosts: Hosts, rules: Path) -> Iterator[str]:
    """Yield every address that leads where it may not."""
    yield from _announced(facts)
    yield from _linked(facts, hosts)
    yield from _sources(rules, hosts)
    yield from _bodies(facts, hosts)


def found(text: str) -> list[str]:
    """Return the addresses in `text`, in order."""
    return _ADDRESS.findall(text)


def _named(text: str) -> Iterator[str]:
    """Yield the hosts that `text` leads to, be it by a whole address or by a bare name."""
    yield from map(_host, _WEB.findall(text))
    for match in _BARE.finditer(_MAIL.sub(" ", _ADDRESS.sub(" ", text))):
        if not match["host"].lower().endswith(_FILES):
            yield match["host"].lower().removeprefix("www.")


def _mailed(text: str) -> Iterator[str]:
    """Yield the hosts that `text` has people write to."""
    return (match["host"].lower() for match in _MAIL.finditer(_WEB.sub(" ", text)))


def _linked(facts: Facts, hosts: Hosts) -> Iterator[str]:
    for _, passage in everywhere(facts):
        for host in _named(passage.text):
            if host not in hosts.official:
                yield passage.problem(f"{host} is no official host of rules/hosts.toml")
        for host in _mailed(passage.text):
            if not _official(host, hosts.official):
                yield passage.problem(f"{host} is no official host to write to")
        for address in found(passage.text):
            if not address.startswith("https://"):
                yield passage.problem(f"{address} does not begin with https://")
    for (topic, language), guide in facts.guides.items():
        for number, link in enumerate(guide.head.links, start=1):
            if not found(link.url):
                yield f"guides/{language}/{topic}.md: links {number}: {link.url!r} is no address"


def _sources(rules: Path, hosts: Hosts) -> Iterator[str]:
    for path in sorted((rules / "sources").glob("*.toml")):
        for key, document in read(path).items():
            address, kind = document.get("url"), document["kind"]
            if address and _host(address) not in _allowed(kind, hosts):
                where = f"sources/{path.name}: {key}: url"
                yield f"{where}: rules/hosts.toml has no {_host(address)} for the kind {kind!r}"


def _allowed(kind: str, hosts: Hosts) -> tuple[str, ...]:
    """The Union's and our agencies' documents are on official sites, other agencies' on theirs."""
    if kind == "other":
        return (*hosts.official, *hosts.other_agencies, *hosts.others)
    return hosts.other_agencies if kind == "other-agency" else hosts.official


def _bodies(facts: Facts, hosts: Hosts) -> Iterator[str]:
    for key, agency in facts.agencies.agencies.items():
        for name in ("website", "contacts_page"):
            if _host(getattr(agency, name)) not in hosts.official:
                yield f"agencies.toml: {key}.{name}: is no official host of rules/hosts.toml"
    for body in facts.agencies.body:
        if _host(body.website) not in hosts.official:
            yield f"agencies.toml: {body.id}.website: is no official host of rules/hosts.toml"


def _announced(facts: Facts) -> Iterator[str]:
    """A change of a deadline is told only with a page of the EU or of a body that runs it."""
    sites = [agency.website for agency in facts.agencies.agencies.values()]
    sites += [body.website for body in facts.agencies.body]
    published = (document.url for document in facts.library.of_kind("agency") if document.url)
    hosts = {_host(address) for address in chain(sites, published)}
    for deadline in chain.from_iterable(map(versions, facts.deadlines)):
        if deadline.url is not None and not _official(_host(deadline.url), hosts):
            where = f"calendar/{deadline.call}.toml: {deadline.id}"
            yield f"{where}: url: {_host(deadline.url)} is no official site"


def _official(host: str, hosts: Collection[str]) -> bool:
    return host.endswith(_UNION) or any(host in (own, f"www.{own}") for own in hosts)


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")
