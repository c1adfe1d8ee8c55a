"""Tells people: in-app, by e-mail and by webhook."""
