"""The life of an execution, the same for both executors: entered into the journal, carried out once
at its instant, verified where the answer was lost, taken over where a worker died.

How a thing is done is the executor's own: `chorus_execution.port.Acts`.
"""
