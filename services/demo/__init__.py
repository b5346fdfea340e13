"""The demo: a region's programme, accounts and a local stack."""
