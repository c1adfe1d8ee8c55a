"""The outside world on one machine: Unipile's API, LinkedIn's pages, a text model."""
