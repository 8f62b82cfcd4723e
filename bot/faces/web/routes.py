"""Every address of the web face, in one place."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.faces.feed import Feed
from bot.faces.headers import SecurityHeaders
from bot.faces.web import health
from bot.faces.web.agency import AgencyStop
from bot.faces.web.assets import assets
from bot.faces.web.chat import Chat
from bot.faces.web.files import Files
from bot.faces.web.guide import GuidePage
from bot.faces.web.incident import IncidentPage
from bot.faces.web.limits import MOST_WITH_FILES, BodyLimit
from bot.faces.web.mailed import Confirm, Unsubscribe
from bot.faces.web.manage import Manage
from bot.faces.web.page import Pages
from bot.faces.web.signup import SignUp
from bot.service import Noon


def app(noon: Noon, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the web face; `extra_routes` come after its own and bring their own body limits."""
    pages = Pages(noon)
    return Starlette(
        routes=[
            Route("/calendar/{selection}.ics", Feed(noon), methods=["GET"]),
            Route("/", pages.home),
            Route("/chat", Chat(pages).say, methods=["POST"], middleware=[_with_files()]),
            Route("/files", Files(pages).send),
            Route("/guide/{topic}", GuidePage(pages).show),
            *_reminders(pages),
            *_agency(pages),
            Route("/incident/{token}", IncidentPage(pages).show),
            Route("/incident/{token}/{name}", IncidentPage(pages).file),
            Route("/static/{name}", assets(), methods=["GET"]),
            *health.routes(noon),
            *extra_routes,
        ],
        middleware=[Middleware(SecurityHeaders, prepared="/calendar/")],
        exception_handlers={
            **dict.fromkeys((403, 404, 405, 413), pages.refused),
            Exception: pages.failed,
        },
    )


def _with_files() -> Middleware:
    return Middleware(BodyLimit, with_files=MOST_WITH_FILES)


def _agency(pages: Pages) -> list[Route]:
    stop, limit = AgencyStop(pages), [Middleware(BodyLimit)]
    path = "/agency/{token}"
    return [Route(path, stop.act, methods=["POST"], middleware=limit), Route(path, stop.show)]


async def _to_the_form(_: Request) -> Response:
    return RedirectResponse("/#reminders", 303)


def _reminders(pages: Pages) -> list[Route]:
    """Return the addresses of reminders by email: `GET` shows, only `POST` acts."""
    sign_up, confirm, leave, manage = (
        SignUp(pages),
        Confirm(pages),
        Unsubscribe(pages),
        Manage(pages),
    )
    limit = [Middleware(BodyLimit)]
    shown = {
        "/reminders/asked": sign_up.asked,
        "/reminders/access": sign_up.accessed,
        "/reminders/erased": sign_up.erased,
        "/confirm/{token}": confirm.show,
        "/unsubscribe/{token}": leave.show,
        "/reminders/{token}": manage.show,
    }
    acts = {
        "/reminders": sign_up.subscribe,
        "/reminders/access": sign_up.access,
        "/confirm/{token}": confirm.act,
        "/unsubscribe/{token}": leave.act,
        "/reminders/{token}": manage.act,
    }
    return [
        Route("/reminders", _to_the_form),
        *(Route(path, act, methods=["POST"], middleware=limit) for path, act in acts.items()),
        *(Route(path, show) for path, show in shown.items()),
    ]
