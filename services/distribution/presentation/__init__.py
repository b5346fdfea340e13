"""An event as readers see it, in any language. Pure."""
