"""Looking up at the provider which post an address leads to: port, HTTP, absent, fake."""
