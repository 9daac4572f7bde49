"""`python -m actions` runs the action server on loopback, with everything loaded before it says that it is ready."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app

from actions.wiring import parts
from core.logs import configure_logs
from core.settings import load_settings


def main() -> None:
    """Serve on the port of settings.actions_url; never beyond loopback, for its errors echo whole requests."""
    # spaCy loads TensorFlow wherever it is installed; nothing here uses it, and without it 350 MB and some seconds are saved.
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]
    settings = load_settings()
    configure_logs("actions", settings.log_level)
    parts().tickets.classify("路灯坏了")  # loads spaCy; the first citizen shall not wait for it
    app = create_app("actions")
    app.run("127.0.0.1", urlsplit(settings.actions_url).port or 5055, workers=1, access_log=False, motd=False)


if __name__ == "__main__":
    main()
