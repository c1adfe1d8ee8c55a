"""What people command: a function a word, one transaction with its decision and event."""
