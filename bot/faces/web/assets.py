"""The page's own files, in memory, under addresses that change with their content."""

from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from bot.faces.representation import Representation

PAGES = Path(__file__).parents[2] / "pages"
"""The folder of templates, with the files a browser fetches in `static/`."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Assets:
    """Every file of `folder`, as an ASGI application for `/static/{name}`."""

    def __init__(self, folder: Path) -> None:
        self._addresses: dict[str, str] = {}
        self._files: dict[str, Representation] = {}
        for path in sorted(folder.iterdir()):
            self._add(path)

    def address(self, name: str) -> str:
        """Return where `noon.css` is found: it may be kept for good, a new file is elsewhere."""
        return self._addresses[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a file, or raise starlette's HTTPException 404."""
        file = self._files.get(scope["path_params"]["name"])
        if file is None:
            raise HTTPException(404)
        await file(scope, receive, send)

    def _add(self, path: Path) -> None:
        headers = {
            "content-type": _TYPES[path.suffix],
            "cache-control": "public, max-age=31536000, immutable",
        }
        file = Representation(path.read_bytes(), headers)
        name = f"{path.stem}.{file.etag.decode()[1:13]}{path.suffix}"
        self._addresses[path.name] = f"/static/{name}"
        self._files[name] = file


@cache
def assets() -> Assets:
    """Return the page's files, read once."""
    return Assets(PAGES / "static")
