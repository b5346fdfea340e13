"""Web addresses: international ones (``https://żagle.example``) in ASCII and back. Pure.

What has no ASCII form cannot stand in a feed, so it is refused at input. Host names follow IDNA 2008 (RFC 5891, the
``idna`` package): ``faß.example`` is ``xn--fa-hia.example``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

# Bytes in ASCII; some readers take no more.
LONGEST: Final = 2_000
LONGEST_HOST: Final = 253
SCHEMES: Final = frozenset({"http", "https"})
# Nearly every address; it need not be parsed.
_PLAIN: Final = re.compile(r"https?://(?:[a-z0-9]{1,30}\.){1,5}[a-z]{2,20}(?:/[A-Za-z0-9._~/-]*)?")
_ASCII_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NOT_ALLOWED: Final = re.compile(r"[\s<>\"\\^`{|}]")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})[^%]{0,2}")
# Unicode labels of these scripts may be mixed, as Japanese and Korean names are (UTS #39, section 5.2, without Latin).
_EAST_ASIAN: Final = frozenset({"BOPOMOFO", "CJK", "HANGUL", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA"})
# Latin letters that people know as such: not phonetic ones, which look like others.
_KNOWN_LATIN: Final = re.compile("[a-z\u00df-\u017f\u01cd-\u024f\u0259\u1e80-\u1e85\u1ea0-\u1ef9]*")
# Names of only these look Latin; Chromium's list.
_LOOK_LATIN: Final = re.compile("[асԁеһіјӏорԛѕԝхуъьҽпгѵѡ0-9-]+|[αικνρυωηοτ0-9-]+")
# Allowed unescaped in path, query and fragment (RFC 3986), and ``%`` so as not to escape twice.
_KEPT: Final = "/?:@!$&'()*+,;=-._~%"


class AddressRefused(ValueError):
    """Not a web address that a reader can be sent to."""


class BadEscape(AddressRefused):
    """A ``%`` without two hexadecimal digits; ``place`` is what stands there."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def to_ascii(address: str) -> str:
    """The host by IDNA 2008, the rest in percent escapes. Raises :class:`AddressRefused`, :class:`BadEscape`."""
    if len(address) <= LONGEST and _PLAIN.fullmatch(address):
        return address
    parts = _split(address)
    if bad := _BAD_ESCAPE.search(address):
        raise BadEscape(bad.group())
    host = _encode_host(parts.hostname or "")
    port = f":{parts.port}" if parts.port else ""
    rest = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    found = urlunsplit((parts.scheme, host + port, *rest))
    if len(found) > LONGEST:
        raise AddressRefused
    return found


def format_host(address: str) -> str:
    """Of an address that :func:`to_ascii` takes: the host in its own letters, without ``www.``.

    A label that could be read as another stays in ASCII, as in browsers.
    """
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    if ":" in host:
        return f"[{host}]"
    with suppress(AddressRefused):
        host = _encode_host(host)
    labels = host.split(".")
    return ".".join(_decode_label(label, is_latin=not labels[-1].startswith("xn--")) for label in labels)


def repair_escapes(address: str) -> str:
    """Repair an address of an earlier release: ``%25`` for a lone ``%``, ``%20`` for blanks."""
    return _BAD_ESCAPE.sub(lambda found: f"%25{found.group()[1:]}", address).replace(" ", "%20")


def _split(address: str) -> SplitResult:
    if _NOT_ALLOWED.search(address):
        raise AddressRefused
    try:
        parts = urlsplit(address)
        has_port = parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        raise AddressRefused from None
    if parts.scheme not in SCHEMES or "@" in parts.netloc or not has_port:
        raise AddressRefused
    return parts


def _encode_host(host: str) -> str:
    if ":" in host and "%" not in host:  # a zone means something on one machine only
        return f"[{_normalize_address(IPv6Address, host)}]"
    host = ".".join(_encode_labels(host))
    if len(host) > LONGEST_HOST:
        raise AddressRefused
    if host.rpartition(".")[2].isdigit():
        return _normalize_address(IPv4Address, host)
    return host


def _encode_labels(host: str) -> Iterator[str]:
    # An ASCII label is taken as the DNS takes it, with underscores.
    try:
        if not host.isascii():
            host = idna.uts46_remap(host, std3_rules=False)
        for label in host.split("."):
            if label.isascii() and not label.startswith("xn--"):
                if not _ASCII_LABEL.fullmatch(label):
                    raise AddressRefused
                yield label
            else:
                yield idna.alabel(idna.ulabel(label)).decode()
    except (idna.IDNAError, UnicodeError):
        raise AddressRefused from None


def _normalize_address(kind: type[IPv4Address | IPv6Address], host: str) -> str:
    try:
        return str(kind(host))
    except ValueError:
        raise AddressRefused from None


def _decode_label(label: str, *, is_latin: bool) -> str:
    """``is_latin``: the top level is, so a name in another script stands next to it."""
    if not label.startswith("xn--"):
        return label
    with suppress(idna.IDNAError, UnicodeError):
        found = idna.ulabel(label)
        if _has_one_script(found) and not (is_latin and _LOOK_LATIN.fullmatch(found)):
            return found
    return label


def _has_one_script(label: str) -> bool:
    letters = [each for each in label if each not in "0123456789-\u00b7"]
    scripts = {unicodedata.name(each, "").split(" ")[0].split("-")[0] for each in letters}
    if scripts == {"LATIN"}:
        return _KNOWN_LATIN.fullmatch("".join(letters)) is not None
    return len(scripts) == 1 or scripts <= _EAST_ASIAN
