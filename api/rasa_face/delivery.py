"""What surely reached a client that confirms nothing: Rasa's clients never say which messages they have."""

from __future__ import annotations

from collections import deque

PING_S, PONG_S = 10.0, 10.0      # the connection is asked for a sign of life this often, and given this long to answer
PROOF_S = PING_S + 3 * PONG_S    # a connection that still stands this long after a message has answered a ping sent after it
PARTING_S = 0.5                  # what was sent just before a page closed may have found nobody


class Delivery:
    """The messages sent on one connection; `last` is the newest number sent, `proved` the newest that surely arrived."""

    def __init__(self, proved: int) -> None:
        self.last = self.proved = proved
        self._unproved: deque[tuple[int, float]] = deque()

    def sent(self, seq: int, at: float) -> None:
        """Note that a message was sent at `at`, in seconds of any steady clock."""
        self.last = seq
        self._unproved.append((seq, at))

    def asked_for_more(self) -> int:
        """Return the number proved by a client that polls again while nothing waits for it: it has every answer to its polls before."""
        return self._prove(float("inf"))

    def standing(self, at: float) -> int:
        """Return the number proved by a connection that stands at `at`."""
        return self._prove(at - PROOF_S)

    def closed(self, at: float, answered: bool) -> int:
        """Return the number proved by a connection that closed at `at`; `answered` says that no ping was left without an answer."""
        return self._prove(at - (PARTING_S if answered else PROOF_S))

    def _prove(self, until: float) -> int:
        while self._unproved and self._unproved[0][1] <= until:
            self.proved = self._unproved.popleft()[0]
        return self.proved
