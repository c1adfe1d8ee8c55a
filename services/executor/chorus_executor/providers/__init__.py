"""The networks, behind one port."""
