"""The page's manifest and icon below the path that the app is served at.

Gradio's page names its manifest, and browsers look for an icon, at the root of the host, which is
somebody else's where a proxy serves the app below a sub-path.
"""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRADIOS_LINK = b'<link rel="manifest" href="/manifest.json" />'
OUR_LINKS = b'<link rel="manifest" href="manifest.json" /><link rel="icon" href="favicon.ico" />'


class RelativeLinks:
    """Middleware that mends the links of the page, which comes in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and the answer back."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        started: dict[str, Any] = {}

        async def mended(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)  # its length is known with the body
                return
            body = message.get("body", b"").replace(GRADIOS_LINK, OUR_LINKS)
            length = (b"content-length", str(len(body)).encode())
            headers = [pair for pair in started["headers"] if pair[0] != length[0]]
            await send({**started, "headers": [*headers, length]})
            await send({**message, "body": body})

        await self._app(scope, receive, mended)
