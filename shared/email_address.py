"""E-mail addresses as they are compared, and as SMTP takes them. Pure."""

from __future__ import annotations

import re
from typing import Final

import idna

MAX_ADDRESS_LENGTH: Final = 254
"""In characters (RFC 5321, section 4.5.3.1.3)."""
_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MAX_LOCAL_PART: Final = 64


class AddressInvalid(ValueError):
    """No mail can be sent to such an address."""


def normalize_email(email: str) -> str:
    """The same for all ways to write an address that people take for one.

    Domains are compared as mail reaches them (UTS #46): ``straße.example`` is not ``strasse.example``.
    """
    local, at, domain = email.strip().rpartition("@")
    return f"{local.casefold()}{at}{_normalize_domain(domain) if at else domain.casefold()}"


def encode_address(email: str) -> str:
    """As SMTP takes it, with the domain in ASCII (RFC 5891). Raises AddressInvalid."""
    local, at, domain = email.strip().rpartition("@")
    if not at or len(local) > _MAX_LOCAL_PART or len(email) > MAX_ADDRESS_LENGTH or not _LOCAL_PART.fullmatch(local):
        raise AddressInvalid
    try:
        encoded = domain if domain == "localhost" else idna.encode(domain, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        raise AddressInvalid from None
    if len(f"{local}@{encoded}") > MAX_ADDRESS_LENGTH:
        raise AddressInvalid
    return f"{local}@{encoded}"


def normalize_email_earlier(email: str) -> str:
    """As earlier releases did, by which some addresses are stored."""
    return email.strip().casefold()


def _normalize_domain(domain: str) -> str:
    try:
        return idna.uts46_remap(domain, std3_rules=False, transitional=False)
    except idna.IDNAError:  # mail reaches none such
        return domain.lower()
