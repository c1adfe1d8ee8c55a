"""The HTTP API: routes by resource, their documents, and problem details (RFC 9457)."""
