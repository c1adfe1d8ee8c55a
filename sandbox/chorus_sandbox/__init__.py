"""The outside world on one machine, and the launcher of the demo."""
