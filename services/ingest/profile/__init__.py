"""One's own profile: name, language, password, sessions, keys."""
