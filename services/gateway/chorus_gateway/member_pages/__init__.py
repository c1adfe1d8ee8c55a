"""Pages for members: an invitation, the way in step by step, and My page."""
