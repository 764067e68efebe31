"""A server that speaks as much of Redis's protocol as a bell needs; it can be slow, die, and come back at its place."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer


class _Server(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    redis: FakeRedis


class _Talk(StreamRequestHandler):
    """One connection."""

    server: _Server

    def handle(self) -> None:
        """Answer each command until the other side goes."""
        redis = self.server.redis
        redis.connections.append(self.connection)
        with suppress(OSError, ValueError):
            while words := self._read():
                redis.commands.append(words)
                if not redis.is_slow:
                    self.wfile.write(redis.answer(words, self.connection))

    def _read(self) -> list[bytes]:
        """The words of a command: *2 $4 PING …, each on a line."""
        count = self.rfile.readline()
        words = []
        for _ in range(int(count[1:]) if count else 0):
            length = int(self.rfile.readline()[1:])
            words.append(self.rfile.read(length + 2)[:-2])
        return words


class FakeRedis:
    """Listens at a port of its own from `start` on; `commands` is all it was ever told."""

    def __init__(self) -> None:
        self.commands, self.connections = list[list[bytes]](), list[socket.socket]()
        self.listeners = list[socket.socket]()
        self.is_slow = False
        self._port, self._server = 0, None  # type: tuple[int, _Server | None]

    @property
    def url(self) -> str:
        """Where it is, with a password that nobody may read anywhere."""
        return f"redis://:a-secret@127.0.0.1:{self._port}/0"

    @property
    def strokes(self) -> list[list[bytes]]:
        """What was rung."""
        return [one for one in self.commands if one[0] == b"PUBLISH"]

    def start(self) -> None:
        """Listen, at the same port as before."""
        self._server = _Server(("127.0.0.1", self._port), _Talk)
        self._server.redis, self._port = self, self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def die(self) -> None:
        """Close every connection and listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for one in self.connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._server, self.connections, self.listeners = None, [], []

    def answer(self, words: list[bytes], connection: socket.socket) -> bytes:
        """What Redis says to a command."""
        if words[0] == b"SUBSCRIBE":
            self.listeners.append(connection)
            return _words(b"subscribe", words[1]) + b":1\r\n"
        if words[0] != b"PUBLISH":
            return b"+OK\r\n"
        for one in self.listeners:
            with suppress(OSError):
                one.sendall(_words(b"message", words[1]) + b"$%d\r\n%s\r\n" % (len(words[2]), words[2]))
        return b":%d\r\n" % len(self.listeners)


def _words(*words: bytes) -> bytes:
    """The beginning of an answer of three parts."""
    return b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(one), one) for one in words)
