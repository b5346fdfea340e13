"""Certificates that a test makes for itself and trusts."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

from tests.support.left_out import leave_out


def make_server_tls(folder: Path, *, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate of a host; return what its server uses, and what a client uses that trusts it alone."""
    openssl = shutil.which("openssl")
    if openssl is None:
        leave_out("openssl", "there is no openssl; apt-get install openssl")
    certificate, key = folder / f"{host}.pem", folder / f"{host}.key"
    subject = ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", "-x509", *kind, *subject, *files], check=True, capture_output=True)  # noqa: S603 - no word of it is from outside
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))
