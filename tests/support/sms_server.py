"""A gateway for text messages of the tests: it takes what is posted and answers as told."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Iterator, Mapping


@dataclass
class SmsServer:
    """`answers` are (status, body) in turn, the last one for good; status 0 hangs up, -1 says nothing until `done`."""

    answers: list[tuple[int, str]] = field(default_factory=lambda: [(200, "{}")])
    url: str = ""
    posts: list[tuple[Mapping[str, str], Any]] = field(default_factory=list)  # headers by lower-case name, JSON
    done: Event = field(default_factory=Event)


@contextmanager
def sms_server(server: SmsServer) -> Iterator[SmsServer]:
    """Let the gateway listen on a free port of this machine until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, said = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            if status < 0:
                server.done.wait(60)
            if status <= 0:
                return self.connection.close()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", server.url)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            try:
                self.wfile.write(said.encode())
            except OSError:  # the client need not read to the end
                pass

        def log_message(self, format: str, *args: object) -> None:
            """Keep the tests' output clean."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listener.server_address[1]}/send"
    thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.done.set()
        listener.shutdown()
        thread.join()
        listener.server_close()
