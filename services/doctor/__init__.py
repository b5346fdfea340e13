"""What is wrong with an installation, and what to do about it: asked of everything that it is made of."""
