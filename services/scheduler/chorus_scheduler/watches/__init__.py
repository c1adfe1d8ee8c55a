"""Watches: kept in step with who wants them, handed over when due, settled when heard of."""
