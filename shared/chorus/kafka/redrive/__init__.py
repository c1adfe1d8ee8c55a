"""Dead letters for people: list, show, send back, drop."""
