"""E-mail addresses as they are compared. Pure."""

from __future__ import annotations

import idna


def normalize_email(email: str) -> str:
    """The same for all ways to write an address that people take for one.

    Domains are compared as mail reaches them (UTS #46): ``straße.example`` is not ``strasse.example``.
    """
    local, at, domain = email.strip().rpartition("@")
    return f"{local.casefold()}{at}{_normalize_domain(domain) if at else domain.casefold()}"


def normalize_email_earlier(email: str) -> str:
    """As earlier releases did, by which some addresses are stored."""
    return email.strip().casefold()


def _normalize_domain(domain: str) -> str:
    try:
        return idna.uts46_remap(domain, std3_rules=False, transitional=False)
    except idna.IDNAError:  # mail reaches none such
        return domain.lower()
