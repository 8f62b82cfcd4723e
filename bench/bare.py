"""The baseline: a bare Starlette route that returns bytes of the feed's size, or 304."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = b"x" * 2_750
TAG = '"bare"'


async def feed(request: Request) -> Response:
    """Return the bytes, or 304 where the client has them."""
    if request.headers.get("if-none-match") == TAG:
        return Response(status_code=304, headers={"ETag": TAG})
    return Response(BODY, media_type="text/calendar; charset=utf-8", headers={"ETag": TAG})


def main() -> None:
    """Serve on the port given."""
    app = Starlette(routes=[Route("/calendar/{selection}.ics", feed)])
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False)


if __name__ == "__main__":
    main()
