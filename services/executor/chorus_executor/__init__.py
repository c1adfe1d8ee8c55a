"""Carries out due activities over the networks' APIs."""
