"""Gate: an ASGI middleware that answers 503 until the database is migrated."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, TypeAlias

from asyncmig.integrations.start import Start

__all__ = ["ASGIApp", "Gate", "Message", "Receive", "Scope", "Send", "answer"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

#: The code with which a web socket is closed by a server that asks to be tried again later.
_TRY_AGAIN = 1013


class Gate:
    """Lets requests through once the database is migrated, and answers 503 until then.

    Args:
        app: the application behind it.
        start: knows how far the migration has come.
        let_through: paths that are let through always, such as that of a health endpoint; what is below them, too.
        retry_after: seconds after which a client is asked to try again.
    """

    def __init__(self, app: ASGIApp, start: Start, *, let_through: Collection[str] = (), retry_after: int = 5) -> None:
        self._app = app
        self._start = start
        self._paths = tuple(path.rstrip("/") for path in let_through)
        self._retry_after = retry_after
        start.is_guarded = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan" or self._is_open or self._lets_through(scope.get("path", "")):
            await self._app(scope, receive, send)
        elif kind == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await receive()
            await send({"type": "websocket.close", "code": _TRY_AGAIN, "reason": self._words})
        else:
            await self._refuse(kind, send)

    @property
    def _is_open(self) -> bool:
        # Without a start nothing is known to be missing: an application may be called without its lifespan.
        return self._start.state in ("ready", "waiting")

    def _lets_through(self, path: str) -> bool:
        return any(path == each or path.startswith(f"{each}/") for each in self._paths)

    @property
    def _words(self) -> str:
        if self._start.state == "failed":
            return "The migration of the database failed."
        return "The database is being migrated."

    async def _refuse(self, kind: str, send: Send) -> None:
        prefix = "websocket.http.response" if kind == "websocket" else "http.response"
        headers = {"retry-after": str(self._retry_after)}
        # What went wrong may quote statements and data, so it is told by the health endpoint and not to everybody.
        await answer(send, 503, {"detail": self._words}, headers, prefix=prefix)


async def answer(
    send: Send, status: int, document: Any, headers: dict[str, str], *, prefix: str = "http.response"
) -> None:
    """Send a JSON document.

    Args:
        send: of ASGI.
        status: of HTTP.
        document: what to say; None for an empty body.
        headers: besides those of the content.
        prefix: of the messages' types.
    """
    body = b"" if document is None else json.dumps(document).encode()
    every = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "cache-control": "no-store",
        **headers,
    }
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in every.items()]
    await send({"type": f"{prefix}.start", "status": status, "headers": pairs})
    await send({"type": f"{prefix}.body", "body": body})
