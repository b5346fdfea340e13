"""Entry point of a service in the fault suite: ``python -m faults.process ingest``, the product with failpoints."""

from __future__ import annotations

import os

import services.cli
from faults.failpoints import install

if __name__ == "__main__":
    install(os.environ)
    services.cli.main()
