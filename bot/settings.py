"""Settings from the environment; `.env` is read when present; no secret has a default."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bot.post import mailboxes, providers
from bot.post.server_url import BadServerUrl
from handlers.words import words
from rules import addresses


class BadSettings(ValueError):
    """The environment says something it may not say; the text names the variables."""


def _instant(value: object) -> object:
    """Refuse a bare number, which would be read as seconds since 1970."""
    if isinstance(value, str) and "-" not in value[1:]:
        raise ValueError("must be an ISO 8601 instant such as 2026-03-01T09:00:00+02:00")
    return value


def _one_line(value: str | None) -> str | None:
    """Refuse what would break a line."""
    if value is not None and not value.isprintable():
        raise ValueError("must be printable characters on one line")
    return value


def _mailbox(value: str | None) -> str | None:
    """Return an address in its normal form, by the same strict rule as people's."""
    try:
        return None if value is None else str(addresses.parse(value))
    except addresses.BadAddress as bad:
        said = words("en").say(bad.problem)
        raise ValueError(f"must be one plain e-mail address. {said}") from None


def _check(variable: str, url: SecretStr | None, parse: Callable[[SecretStr], object]) -> None:
    try:
        if url is not None:
            parse(url)
    except BadServerUrl as bad:
        raise ValueError(f"{variable} {bad}") from None


def _server(value: str) -> str:
    """Return the address of a server without a slash at its end."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as http://127.0.0.1:9000")
    return value.rstrip("/")


class Settings(BaseSettings):
    """Everything that can be set, as contracts name it (`NOON_…`)."""

    model_config = SettingsConfigDict(
        env_prefix="NOON_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    database_url: SecretStr | None = None
    data_dir: Path = Path("var")
    public_url: str | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8000, validation_alias=AliasChoices("NOON_PORT", "PORT")
    )
    telegram_token: SecretStr | None = None
    telegram_api: Annotated[str, AfterValidator(_server)] = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_rate: Annotated[float, Field(ge=0)] = 25.0
    telegram_chat_rate: Annotated[float, Field(ge=0)] = 1.0
    agency: str = "LV01"
    controller: Annotated[str | None, Field(max_length=200), AfterValidator(_one_line)] = None
    smtp_url: SecretStr | None = None
    smtp_fallback_url: SecretStr | None = None
    mail_rate: Annotated[float, Field(ge=0)] = 10.0
    mail_from: Annotated[str | None, AfterValidator(_mailbox)] = None
    reply_to: Annotated[str | None, AfterValidator(_mailbox)] = None
    bounces: SecretStr | None = None
    operator_email: Annotated[str | None, AfterValidator(_mailbox)] = None
    operator_chat: int | None = None
    incident_mailbox: Annotated[str | None, AfterValidator(_mailbox)] = None
    incident_forecast: Annotated[int, Field(ge=1)] = 84
    ops_port: Annotated[int, Field(ge=0, le=65535)] = 8001
    secret: SecretStr | None = None
    calendar_dir: Path | None = None
    now: Annotated[AwareDatetime, BeforeValidator(_instant)] | None = None
    now_rate: Annotated[float, Field(gt=0)] = 1.0
    lang: Literal["lv", "en"] = "lv"
    lease: Annotated[float, Field(gt=0)] = 30.0

    @model_validator(mode="after")
    def _database_is_one_of_ours(self) -> Self:
        if self.database.get_backend_name() not in ("sqlite", "postgresql"):
            raise ValueError("NOON_DATABASE_URL must begin with sqlite+aiosqlite: or postgresql:")
        driver = self.database.get_driver_name()
        if find_spec(driver) is None:
            raise ValueError(f"NOON_DATABASE_URL: the driver {driver!r} is not installed")
        return self

    @model_validator(mode="after")
    def _mail_is_complete(self) -> Self:
        if self.smtp_url is None and self.smtp_fallback_url is not None:
            raise ValueError("NOON_SMTP_FALLBACK_URL needs NOON_SMTP_URL: it is the second one")
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("NOON_MAIL_FROM, the sender of all mail, must be set too")
        _check("NOON_SMTP_URL", self.smtp_url, providers.parse)
        _check("NOON_SMTP_FALLBACK_URL", self.smtp_fallback_url, providers.parse)
        _check("NOON_BOUNCES", self.bounces, mailboxes.parse)
        return self

    @property
    def database(self) -> URL:
        """Return the database's address with an async driver; by default an SQLite file."""
        if self.database_url is None:
            path = (self.data_dir / "noon.sqlite").absolute()
            return URL.create("sqlite+aiosqlite", database=str(path))
        try:
            url = make_url(self.database_url.get_secret_value())
        except ArgumentError:
            raise ValueError("NOON_DATABASE_URL is not the address of a database") from None
        drivers = {"postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}
        drivers["sqlite"] = "sqlite+aiosqlite"
        return _for_asyncpg(url.set(drivername=drivers.get(url.drivername, url.drivername)))

    @property
    def embedded(self) -> bool:
        """Whether the database is an SQLite file: then one machine, and each role once."""
        return self.database.get_backend_name() == "sqlite"

    @property
    def address(self) -> str:
        """Return where people reach the web page."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def mail_providers(self) -> tuple[providers.Provider, ...]:
        """Return the mail providers, the first one first; none: mail is captured."""
        given = (self.smtp_url, self.smtp_fallback_url)
        return tuple(providers.parse(url) for url in given if url is not None)

    @property
    def sender(self) -> str:
        """Return the sender of all mail; nobody's where mail is only captured."""
        return self.mail_from or "noon@noon.invalid"

    @property
    def secrets(self) -> list[str]:
        """Return every secret that may not appear in a log."""
        given = [self.telegram_token, self.secret, *self._addresses_with_secrets]
        password = self.database.password
        texts = [secret.get_secret_value() for secret in given if secret is not None]
        return [*texts, str(password)] if password else texts

    @property
    def _addresses_with_secrets(self) -> list[SecretStr | None]:
        inside = [provider.password for provider in self.mail_providers]
        if self.bounces is not None:
            inside.append(mailboxes.parse(self.bounces).password)
        return [self.smtp_url, self.smtp_fallback_url, self.bounces, *inside]


def _for_asyncpg(url: URL) -> URL:
    """Return `url` as the driver understands it: other names, and channels it binds itself."""
    if not url.drivername.endswith("+asyncpg"):
        return url
    mode = url.query.get("sslmode")
    plain = url.difference_update_query(["sslmode", "channel_binding"])
    return plain.update_query_dict({"ssl": mode}) if mode is not None else plain


def load_settings() -> Settings:
    """Return the settings of the environment; `BadSettings` names what is wrong and how."""
    try:
        return Settings()
    except ValidationError as invalid:
        raise BadSettings(
            "; ".join(_told(error["loc"], error["msg"]) for error in invalid.errors())
        ) from None


def _told(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]) if location else ""
    variable = name if name.startswith(("NOON_", "PORT")) or not name else f"NOON_{name.upper()}"
    return f"{variable}: {message}".removeprefix(": ").replace("Value error, ", "")
