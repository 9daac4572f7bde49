"""The gateway as a process of its own over the real store and Redis. What understands and answers is left out, so that it starts at once.

    python -m tests.support.lean_gateway
"""

from __future__ import annotations

import sys
from dataclasses import replace


def main() -> None:
    """Serve until told to stop."""
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]  # as the gateway itself does: it saves seconds
    import uvicorn

    from api.main import create_app
    from core.clock import system_clock
    from core.settings import load_settings
    from tests.support.gateway_fixtures import build_parts

    settings = load_settings()
    parts = build_parts(settings)
    tickets = replace(parts.tickets, extract=lambda text: ())  # type: ignore[type-var]
    app = create_app(settings, replace(parts, tickets=tickets, clock=system_clock))
    uvicorn.run(app, host=settings.host, port=settings.port, ws="none", log_config=None, access_log=False)


if __name__ == "__main__":
    main()
