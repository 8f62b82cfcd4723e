"""How the address of a mail provider is read, and that its password is never told."""

import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.post.providers import Provider, Tls, parse
from bot.post.server_url import BadServerUrl

HIDDEN = "kRPz9w"


def read(url: str) -> Provider:
    return parse(SecretStr(url))


def password(provider: Provider) -> str | None:
    return provider.password.get_secret_value() if provider.password else None


@pytest.mark.parametrize(
    ("url", "named", "tls", "user", "secret"),
    [
        ("smtp://u:p@mail.example.org:587", "mail.example.org:587", "starttls", "u", "p"),
        ("smtp://u:p@mail.example.org", "mail.example.org:587", "starttls", "u", "p"),
        ("smtp://u:p@mail.example.org/", "mail.example.org:587", "starttls", "u", "p"),
        ("smtp://mail.example.org:25", "mail.example.org:25", "starttls", None, None),
        ("smtp://u:p@127.0.0.1:2525", "127.0.0.1:2525", "starttls", "u", "p"),
        ("smtps://u:p@mail.example.org:465", "mail.example.org:465", "implicit", "u", "p"),
        ("SMTPS://u:p@Mail.Example.org", "mail.example.org:465", "implicit", "u", "p"),
        ("smtps://u:p@192.0.2.1:4650", "192.0.2.1:4650", "implicit", "u", "p"),
        ("smtp://127.0.0.1:25?tls=none", "127.0.0.1:25", "none", None, None),
        ("smtp://localhost:2525/?tls=none", "localhost:2525", "none", None, None),
        ("smtp://127.0.0.1?tls=none", "127.0.0.1:25", "none", None, None),
        ("smtp://[::1]:2525?tls=none", "[::1]:2525", "none", None, None),
        ("smtp://u:p@localhost:2525?tls=none", "localhost:2525", "none", "u", "p"),
        ("smtp://u%40example.org:p@mail_relay", "mail_relay:587", "starttls", "u@example.org", "p"),
        ("smtp://u@example.org:p@relay", "relay:587", "starttls", "u@example.org", "p"),
        ("smtp://u:a:b@relay", "relay:587", "starttls", "u", "a:b"),
        ("smtp://u:a%2Fb%3Fc%23d%25@relay", "relay:587", "starttls", "u", "a/b?c#d%"),
        ("smtp://u:50%off@relay", "relay:587", "starttls", "u", "50%off"),
        ("smtp://u:%C4%81+%20@relay", "relay:587", "starttls", "u", "ā+ "),
    ],
)
def test_a_provider_is_read(
    url: str, named: str, tls: str, user: str | None, secret: str | None
) -> None:
    provider = read(url)
    assert str(provider) == named
    assert provider.tls is Tls(tls)
    assert (provider.user, password(provider)) == (user, secret)
    assert provider.ca is None


@pytest.mark.parametrize(
    ("url", "ca"),
    [
        ("smtp://u:p@relay?ca=/etc/noon/relay.pem", "/etc/noon/relay.pem"),
        ("smtps://u:p@relay:465/?ca=relay%20a+b.pem", "relay a+b.pem"),
    ],
)
def test_a_provider_may_bring_its_own_certificates(url: str, ca: str) -> None:
    assert read(url).ca == Path(ca)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "must look like"),
        ("mail.example.org", "must look like"),
        ("mail.example.org:587", "must look like"),
        ("http://mail.example.org", "must look like"),
        ("smtp:mail.example.org", "must look like"),
        ("smtp://", "must look like"),
        (f"smtp://u:{HIDDEN}[@relay", "must look like"),
        (f"smtp://u:{HIDDEN}@", "no host"),
        (f"smtp://u:{HIDDEN}@:587", "no host"),
        (f"smtp://u:{HIDDEN}@re!lay", "no host"),
        (f"smtp://u:{HIDDEN}@-relay", "no host"),
        (f"smtp://u:{HIDDEN}@relay:0", "port"),
        (f"smtp://u:{HIDDEN}@relay:65536", "port"),
        (f"smtp://u:{HIDDEN}@relay:{HIDDEN}", "port"),
        (f"smtp://u:{HIDDEN}/x@relay", "%2F"),
        (f"smtp://u:{HIDDEN}?x@relay", "%3F"),
        (f"smtp://u:{HIDDEN}?x&{HIDDEN}@relay", "%3F"),
        (f"smtp://u:{HIDDEN}#x@relay", "%23"),
        (f"smtp://u:{HIDDEN} x@relay", "plain ASCII"),
        (f"smtp://u:{HIDDEN}ā@relay", "plain ASCII"),
        (f"smtp://u:{HIDDEN}\n@relay", "plain ASCII"),
        (f"smtp://u:{HIDDEN}%0d%0aQUIT@relay", "control characters"),
        (f"smtp://u%00:{HIDDEN}@relay", "control characters"),
        (f"smtp://u:{HIDDEN}%ff@relay", "UTF-8"),
        ("smtp://u@relay", "both"),
        ("smtp://u:@relay", "both"),
        (f"smtp://:{HIDDEN}@relay", "both"),
        ("smtp://mail.example.org:25?tls=none", "this machine"),
        ("smtp://192.0.2.1:25?tls=none", "this machine"),
        ("smtp://localhost.example.org?tls=none", "this machine"),
        ("smtps://localhost?tls=none", "only with smtp://"),
        ("smtp://localhost?tls=maybe", "may only be none"),
        ("smtp://localhost?tls=", "after the ?"),
        ("smtp://localhost?tls", "after the ?"),
        ("smtp://localhost?tls=none&tls=none", "after the ?"),
        ("smtp://localhost?timeout=3", "after the ?"),
        ("smtp://localhost?tls=none&ca=relay.pem", "ca has no meaning"),
    ],
)
def test_anything_else_is_refused_and_says_how_to_write_it(url: str, says: str) -> None:
    with pytest.raises(BadServerUrl) as refused:
        read(url)
    assert says in str(refused.value)
    assert HIDDEN not in "".join(traceback.format_exception(refused.value))


def test_plain_text_never_leaves_this_machine_whatever_else_is_said() -> None:
    for host in ("127.0.0.1", "127.9.9.9", "[::1]", "localhost"):
        assert read(f"smtp://{host}?tls=none").tls is Tls.NONE
        assert read(f"smtp://{host}").tls is Tls.STARTTLS


def test_a_password_stands_in_no_representation() -> None:
    provider = read(f"smtp://u:{HIDDEN}@relay")
    for told in (repr(provider), str(provider), f"{provider}", f"{[provider]}"):
        assert HIDDEN not in told
    assert password(provider) == HIDDEN


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@given(PRINTABLE, PRINTABLE)
def test_every_printable_user_and_password_can_be_written(user: str, secret: str) -> None:
    provider = read(f"smtp://{quote(user, safe='')}:{quote(secret, safe='')}@relay")
    assert (provider.user, password(provider)) == (user, secret)


def refusal(url: str) -> str:
    """Return all that is told when `url` is refused, or nothing when it is not."""
    try:
        read(url)
    except BadServerUrl as refused:
        return "".join(traceback.format_exception(refused))
    return ""


@given(st.text(), st.text())
def test_no_slip_of_the_pen_puts_a_password_into_an_error(before: str, after: str) -> None:
    assert HIDDEN not in refusal(f"smtp://u:{before}{HIDDEN}{after}@relay:587")


@given(st.text())
def test_any_text_is_a_provider_or_refused(text: str) -> None:
    for url in (text, f"smtp://{text}", f"smtps://u:p@{text}", f"smtp://localhost?{text}"):
        try:
            provider = read(url)
        except BadServerUrl:
            continue
        assert 0 < provider.port < 65536
        assert provider.host
