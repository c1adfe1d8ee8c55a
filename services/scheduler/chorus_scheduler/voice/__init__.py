"""Texts that wait for a language model to say them in their member's voice."""
