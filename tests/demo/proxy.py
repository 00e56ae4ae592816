"""A reverse proxy that serves an app below a sub-path, which it takes away, as nginx would."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

PASSED_ON = ("accept", "content-type", "mcp-session-id", "mcp-protocol-version")
HOP = {"connection", "transfer-encoding", "content-encoding", "content-length"}


@contextmanager
def stripping_proxy(app: str, path: str) -> Iterator[str]:
    """Serve the app at an address below ``path``; everything beside it answers 404."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if not self.path.startswith(f"{path}/"):
                self.send_error(404)
                return
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            headers |= {"host": self.headers["host"], "accept-encoding": "identity"}
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = app.rstrip("/") + self.path.removeprefix(path)
            request = dict(headers=headers, content=content, timeout=60)
            with httpx.stream(self.command, url, **request) as found:
                self.send_response(found.status_code)
                for name, value in found.headers.items():
                    if name not in HOP:
                        self.send_header(name, value)
                self.end_headers()
                for part in found.iter_raw():
                    self.wfile.write(part)
                    self.wfile.flush()

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}/"
    finally:
        server.shutdown()
        server.server_close()
