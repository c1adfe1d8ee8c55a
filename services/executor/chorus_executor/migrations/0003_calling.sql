-- Which of a dead worker's rows may hide an effect, and whether its process is known to be gone.
-- calling: the activities that it may have begun to call, committed before the call. Null: it does not say.
-- server: the start of the server on which it holds the advisory lock that ends with its process.
alter table engagement.workers
    add column calling uuid[],
    add column server text;

-- A row that was taken over from somebody who may have called stays suspect, whoever holds it later.
alter table engagement.attempts add column suspect boolean not null default false;
