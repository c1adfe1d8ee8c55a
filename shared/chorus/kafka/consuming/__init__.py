"""The consume loop: order by key, at least once, offsets, back-pressure, dead letters."""
