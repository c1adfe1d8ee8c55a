"""Carries out due reposts in a pool of browsers."""
