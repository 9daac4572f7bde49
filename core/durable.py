"""What must outlive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def settle(folder: Path) -> None:
    """Bring the names in a folder to the disk; a file that was synced alone may come back without its name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
