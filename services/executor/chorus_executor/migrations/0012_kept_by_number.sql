-- Of each team the newest attempts of an outcome are kept (A5): the oldest of those is found by this index.
create index attempts_kept on engagement.attempts (client_id, outcome, closed_at) where closed_at is not null;
