"""Who is asking: passwords, tokens, API keys, an outside issuer."""
