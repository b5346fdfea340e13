"""The three services and the commands that run them."""
