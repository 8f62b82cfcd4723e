"""Where the link in a notice's foot leads the agency: to stop mail from its sender. `POST` acts."""

from starlette.requests import Request
from starlette.responses import Response

from bot.faces.web import notes
from bot.faces.web.mailed import DONE, again, opened, refuse_foreign, spoken
from bot.faces.web.notes import Note
from bot.faces.web.page import Pages
from bot.incident import register, stopping
from bot.post.links import Purpose


class AgencyStop:
    """Asks whether no more notices of a sender are wanted, and takes the yes."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._noon = pages.noon

    async def show(self, request: Request) -> Response:
        """Show what the button does, or that it was done; nothing is changed."""
        language = self._language(request)
        if opened(self._pages, request, Purpose.AGENCY) is None:
            return notes.bad_link(self._pages, language)
        desk, say = self._noon.almanac.desk, self._pages.visit(language).say
        who = desk.controller or desk.public_url
        if request.query_params.get(DONE):
            note = Note(say("web.agency.done.title"), say("web.agency.done", controller=who))
            return notes.page(self._pages, language, note)
        text = say("web.agency", agency=desk.agency.short, controller=who)
        note = Note(say("web.agency.title"), text, say("web.agency.button"))
        return notes.page(self._pages, language, note, switch=True)

    async def act(self, request: Request) -> Response:
        """Stop them and lead to the page that says so; raises HTTPException 403 for a foreign form.

        A second time says the same.
        """
        refuse_foreign(self._pages, request)
        language = self._language(request)
        identifier = opened(self._pages, request, Purpose.AGENCY)
        if identifier is None:
            return notes.bad_link(self._pages, language)
        async with self._noon.database.write() as connection:
            books = self._noon.books(connection)
            row = await register.by_id(connection, identifier)
            if row is not None:
                await stopping.stop(books, row)
        if row is None:
            return notes.old_link(self._pages, language)
        return again(request, language, **{DONE: "1"})

    def _language(self, request: Request) -> str:
        return spoken(self._pages, request, self._noon.almanac.desk.agency.languages[0])
