"""A long run of browser-repost: what grows, and what is left behind."""
