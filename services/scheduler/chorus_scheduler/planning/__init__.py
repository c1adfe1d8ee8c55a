"""The way from the news of a post to its stored activities.

A handler hands over a `PlanRequest`; `inputs` reads all that a plan needs; `planner` lets the pure
`domain.planner` decide who acts when, in a thread, and stores what it says; `publish` does the same
for the one publication of a queued post. What they read and write in SQL is
`store.plan_inputs` and `store.plan_writes`.
"""
