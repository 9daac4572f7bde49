"""A WeChat official account: docs/wechat.md says how it is set up."""

from __future__ import annotations

import httpx

from api.channels import Channel
from api.channels.wechat import taking
from api.channels.wechat.delivery import Delivery
from api.channels.wechat.encryption import Envelope
from api.channels.wechat.platform import TIMEOUT_S, Account, Platform
from api.channels.wechat.post import Post
from api.channels.wechat.taking import Taking
from api.channels.wechat.webhook import BUDGET_S, Webhook
from api.gateway import Gateway
from core.cipher import load_cipher
from core.settings import SettingsError


def channel(gateway: Gateway) -> Channel | None:
    """Return the channel, None where no token is set; raise SettingsError naming what is missing or faulty, never its value."""
    settings, parts = gateway.settings, gateway.parts
    token, secret, key = (value.get_secret_value() for value in (settings.wechat_token, settings.wechat_app_secret, settings.wechat_aes_key))
    if not token:
        return None
    if not (settings.wechat_app_id and secret):
        raise SettingsError("missing setting: HOTLINE_WECHAT_APP_ID, HOTLINE_WECHAT_APP_SECRET (both belong to HOTLINE_WECHAT_TOKEN)")
    try:
        envelope = Envelope(key, settings.wechat_app_id) if key else None
    except ValueError:
        raise SettingsError("invalid setting: HOTLINE_WECHAT_AES_KEY (the 43 characters of the EncodingAESKey)") from None
    cipher = load_cipher(settings.personal_keys)
    http = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
    platform = Platform(http, settings.wechat_api, Account(settings.wechat_app_id, secret), parts.redis, gateway.lock, cipher)
    post = Post(parts.redis, cipher, settings.wechat_app_id)
    takes = Taking(gateway, post)
    webhook = Webhook(gateway, post, takes, token, envelope, BUDGET_S)

    async def close() -> None:
        await webhook.close()
        await http.aclose()

    return Channel(webhook.router, taking.PHRASES, (Delivery(gateway, post, takes, platform).run,), close)
