"""A department's own system: a real HTTP server on loopback that keeps what it was told."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator


class Department:
    """Answers with the statuses it was given, then with 204; an id in `broken` always gets its own."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.broken: dict[str, int] = {}
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.hang = threading.Event()  # cleared: nobody gets an answer
        self.hang.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    @property
    def ids(self) -> list[str]:
        """What was told, in order, repeats and all."""
        return [headers["webhook-id"] for headers, _ in self.requests]


@contextmanager
def listening() -> Iterator[Department]:
    """Yield a department that listens as long as the block."""
    department = Department()
    threading.Thread(target=department.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield department
    finally:
        department.hang.set()
        department.server.shutdown()
        department.server.server_close()


def _handler(department: Department) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            department.requests.append((headers, body))
            department.hang.wait(30)
            status = department.broken.get(headers["webhook-id"]) or (department.statuses.pop(0) if department.statuses else 204)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler
