"""The fixtures that every test may ask for stand in the plugins named here."""

pytest_plugins = ["tests.left_out", "tests.servers"]
