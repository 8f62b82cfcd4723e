"""Every address of the web face, in one place."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from bot.faces.feed import Feed
from bot.faces.headers import SecurityHeaders
from bot.faces.web import health
from bot.faces.web.assets import assets
from bot.faces.web.chat import Chat
from bot.faces.web.files import Files
from bot.faces.web.limits import BodyLimit
from bot.faces.web.page import Pages
from bot.service import Noon


def app(noon: Noon, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the web face; `extra_routes` come after its own and bring their own body limits."""
    pages = Pages(noon)
    return Starlette(
        routes=[
            Route("/calendar/{selection}.ics", Feed(noon), methods=["GET"]),
            Route("/", pages.home),
            Route("/chat", Chat(pages).say, methods=["POST"], middleware=[Middleware(BodyLimit)]),
            Route("/files", Files(pages).send),
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
