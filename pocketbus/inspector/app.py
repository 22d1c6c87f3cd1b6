"""The page: eight views and their actions, in strict terms with the browser."""

import hmac
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pocketbus.apis.endpoint import read_body
from pocketbus.emulator.version import VERSION
from pocketbus.inspector import dead_letters, live, map, message, publish, queue, trouble, why  # noqa: A004
from pocketbus.inspector.client import Client, RefusedError
from pocketbus.inspector.said import Said
from pocketbus.inspector.text import FILTERS
from pocketbus.inspector.visit import ROOT, Action, View, Visit

_HERE = Path(__file__).parent
_MOST_FIELDS = 5000
_STATIC = {"inspector.css": "text/css", "inspector.js": "text/javascript"}
_POLICY = "; ".join(  # noqa: FLY002 - one directive a line
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}

VIEWS: Mapping[str, tuple[str, View]] = {
    "": ("Map", map.view),
    "queue": ("Queue", queue.view),
    "message": ("Message", message.view),
    "dead-letters": ("Dead letters", dead_letters.view),
    "publish": ("Publish", publish.view),
    "live": ("Live", live.view),
    "why": ("Why not?", why.view),
    "trouble": ("Time and trouble", trouble.view),
}
ACTIONS: Mapping[str, Action] = {
    "purge": queue.purge,
    "crash": queue.crash,
    "delete": queue.delete,
    "move": queue.move,
    "redrive": dead_letters.redrive,
    "cancel-redrive": dead_letters.cancel_redrive,
    "redrive-selected": dead_letters.redrive_selected,
    "delete-selected": dead_letters.delete_selected,
    "send": publish.send,
    "freeze": trouble.freeze,
    "thaw": trouble.thaw,
    "advance": trouble.advance,
    "next": trouble.next_deadline,
    "set": trouble.set_to,
    "make-fault": trouble.make_fault,
    "clear-fault": trouble.clear_fault,
    "save": trouble.save,
    "restore": trouble.restore,
    "forget": trouble.forget,
}


class Pages:
    """Answers the views for one server, `app`; a form counts only with the `token` that this page gave it."""

    def __init__(self, app: ASGIApp, token: str, *, read_only: bool) -> None:
        self._app = app
        self._token = token
        self._read_only = read_only
        self._said = Said()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= FILTERS

    def starlette(self) -> Starlette:
        routes = [Route(f"{ROOT}/static/{{file}}", _static)]
        for name, (_, view) in VIEWS.items():
            path = f"{ROOT}/{name}" if name else ROOT
            routes.append(Route(path, partial(self._show, name, view), methods=["GET", "POST"]))
        routes.append(Route(f"{ROOT}/do/{{action}}", self._act, methods=["POST"]))
        return Starlette(routes=routes)

    async def _show(self, name: str, view: View, request: Request) -> Response:
        given = parse_qs(request.url.query, max_num_fields=_MOST_FIELDS)
        if request.method == "POST":
            # What is too long for an address: it is asked, and nothing is done.
            given |= await _form(request)
            if not self._is_own(given):
                return self._refuse(request, name, "This form is not of this page; load it again.", 403)
        visit = await self._visit(request, given)
        try:
            context = await view(visit)
        except RefusedError as error:
            return self._refuse(request, name, str(error), 404, visit)
        return self._page(f"{name or 'map'}.html", name, visit, context, request)

    async def _act(self, request: Request) -> Response:
        given = await _form(request)
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            return self._refuse(request, "", "There is no such action.", 404)
        if self._read_only:
            return self._refuse(request, "", "This page is read-only.", 403)
        if not self._is_own(given):
            return self._refuse(request, "", "This form is not of this page; load it again.", 403)
        visit = await self._visit(request, given)
        back = visit.text("back", ROOT)
        if not (back == ROOT or back.startswith((f"{ROOT}/", f"{ROOT}?"))):
            back = ROOT
        try:
            done = await action(visit)
        except RefusedError as error:
            return self._redirect(back, str(error), is_mistake=True)
        return self._redirect(done.to or back, done.said)

    def _is_own(self, given: Mapping[str, list[str]]) -> bool:
        return hmac.compare_digest(given.get("token", [""])[-1].encode(), self._token.encode())

    async def _visit(self, request: Request, given: Mapping[str, list[str]]) -> Visit:
        client = Client(self._app, request.scope)
        return Visit(client, given, await client.get("clock"))

    def _redirect(self, to: str, said: str, *, is_mistake: bool = False) -> Response:
        address, mark, place = to.partition("#")
        number = self._said.keep(said, is_mistake=is_mistake)
        address = f"{address}{'&' if '?' in address else '?'}said={number}"
        return RedirectResponse(f"{address}{mark}{place}", 303, headers=_HEADERS)

    def _page(
        self,
        template: str,
        name: str,
        visit: Visit | None,
        context: Mapping[str, Any],
        request: Request,
        status: int = 200,
    ) -> Response:
        query = request.url.query if request.method == "GET" else ""
        words = self._templates.get_template(template).render(
            views={one: title for one, (title, _) in VIEWS.items()},
            view=name,
            title=VIEWS[name][0] if name in VIEWS else "",
            root=ROOT,
            clock=None if visit is None else visit.clock,
            now=0 if visit is None else visit.now,
            token=self._token,
            read_only=self._read_only,
            said=self._said.find(request.query_params.get("said", "")),
            back=f"{request.url.path}?{_without_said(query)}" if query else request.url.path,
            version=VERSION,
            **context,
        )
        # A lone surrogate, which a message may hold, has no place in UTF-8.
        return HTMLResponse(words.encode("utf-8", "replace"), status, _HEADERS)

    def _refuse(
        self, request: Request, name: str, reason: str, status: int, visit: Visit | None = None
    ) -> Response:
        return self._page("refusal.html", name, visit, {"reason": reason}, request, status)


def _without_said(query: str) -> str:
    return "&".join(part for part in query.split("&") if not part.startswith("said="))


async def _form(request: Request) -> dict[str, list[str]]:
    body = await read_body(dict(request.scope["headers"]), request.receive)
    return parse_qs(body.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)


async def _static(request: Request) -> Response:
    file = request.path_params["file"]
    if file not in _STATIC:
        return Response(status_code=404)
    return FileResponse(_HERE / "static" / file, media_type=_STATIC[file], headers=_HEADERS)


def pages(app: ASGIApp, token: str, *, read_only: bool) -> ASGIApp:
    """Return the page of a server."""
    inner = Pages(app, token, read_only=read_only).starlette()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope, receive, send)

    return answer
