"""LinkedIn's pages in a real browser, against the sandbox."""
