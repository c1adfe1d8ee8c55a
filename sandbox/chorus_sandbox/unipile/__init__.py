"""Unipile's API v1 for LinkedIn, strict: see the table in the README of the sandbox."""
