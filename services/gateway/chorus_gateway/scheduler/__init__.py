"""The scheduler as the gateway needs it: a port, the HTTP adapter, and a fake."""
