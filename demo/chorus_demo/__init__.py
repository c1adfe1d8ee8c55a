"""The main job on one machine: a post goes out, and a pod amplifies it."""
