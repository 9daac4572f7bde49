"""A small clamd that speaks INSTREAM as its manual has it, and can be told to misbehave."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

EVIL = b"X5O!-made-up-virus"


class Clamd:
    """Keeps what it was sent; `behaviour` is scan, hang, close, cut, or the reply to give."""

    def __init__(self) -> None:
        self.behaviour = "scan"
        self.scanned: list[bytes] = []
        self.over = threading.Event()  # lets those go that hang

    def serve(self, link: socket.socket) -> None:
        if self.behaviour == "close":
            return
        assert _exactly(link, 10) == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack(">L", _exactly(link, 4))[0]:
            data += _exactly(link, size)
        self.scanned.append(data)
        if self.behaviour == "hang":
            self.over.wait(30)
        elif self.behaviour == "cut":
            link.sendall(b"stream: O")
        elif self.behaviour == "scan":
            link.sendall(b"stream: Made-Up.Virus-1 FOUND\0" if EVIL in data else b"stream: OK\0")
        else:
            link.sendall(self.behaviour.encode())


@contextmanager
def running(clamd: Clamd, path: Path | None = None) -> Iterator[str]:
    """Serve on a free port, or on a socket at `path`; yield the address as a setting has it."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            clamd.serve(self.request)

    kind: Any = socketserver.ThreadingUnixStreamServer if path else socketserver.ThreadingTCPServer
    with kind(str(path) if path else ("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
        finally:
            clamd.over.set()
            server.shutdown()
            thread.join()


def _exactly(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data
