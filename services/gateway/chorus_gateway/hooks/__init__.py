"""What providers call: guarded before anything is read, bounded, believed only when asked for."""
