"""How a text sounds in somebody's voice: pure rules, the same for the same activity every time."""
