"""Look-up in sorted arrays of keys."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(cache=True, nogil=True)
def place_of(keys: Any, key: Any) -> int:
    """Return where `key` stands in sorted `keys`, -1 when it does not."""
    low, high = 0, keys.shape[0]
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < keys.shape[0] and keys[low] == key else -1
