"""Query parameters that others append to shared links; they have no meaning here. Pure."""

from __future__ import annotations

from typing import Final

NAMES: Final = frozenset(
    {
        "fbclid",  # Facebook, Instagram
        "igshid",
        "igsh",
        "gclid",  # Google
        "gclsrc",
        "gbraid",
        "wbraid",
        "dclid",
        "srsltid",
        "_ga",
        "_gl",
        "msclkid",  # Microsoft
        "ttclid",  # TikTok
        "twclid",  # X
        "li_fat_id",  # LinkedIn
        "rdt_cid",  # Reddit
        "epik",  # Pinterest
        "yclid",  # Yandex
        "ysclid",
        "mc_cid",  # Mailchimp
        "mc_eid",
        "mkt_tok",  # Marketo
        "vero_id",
        "oly_anon_id",
        "oly_enc_id",
        "_hsenc",  # HubSpot
        "_hsmi",
    }
)
PREFIXES: Final = ("utm_", "hsa_", "mtm_", "pk_", "piwik_", "matomo_")


def is_click_identifier(name: str) -> bool:
    lowered = name.lower()
    return lowered in NAMES or lowered.startswith(PREFIXES)
