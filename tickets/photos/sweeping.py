"""Files of photos that no ticket knows: left by a process that died between the file and its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.clock import Clock
from core.logs import get_logger
from tickets.photos.photo import PhotoRecords
from tickets.photos.vault import SHARDS, Vault

_log = get_logger(__name__)
_DAY = timedelta(days=1)
_TURN = _DAY / SHARDS                       # each folder has its turn once a day, at its own time
PAUSE = _TURN.total_seconds() / 2           # between looks, so that no turn is passed over
_AT_ONCE = 200


@dataclass(frozen=True)
class Sweeping:
    """Deletes files a day after they were written, if they are no ticket's; any number of workers may do so."""

    vault: Vault
    records: PhotoRecords
    clock: Clock

    def step(self) -> bool:
        """Look through the folder whose turn it is."""
        if self.records.none():  # more likely a worker on the wrong database than a folder full of orphans
            return False
        at = self.clock()
        names = self.vault.older(int(at.timestamp() // _TURN.total_seconds()) % SHARDS, at - _DAY)
        for start in range(0, len(names), _AT_ONCE):
            some = names[start:start + _AT_ONCE]
            for name in sorted(set(some) - self.records.known(some)):
                self.vault.remove(name)
                _log.info("photo_swept", photo=name)
        return False
