-- One pass over the rows of before, beside those who read and write.
alter table scheduler.activities validate constraint activities_subject;

-- INVARIANT: one intent is one row, for ever, whatever it is about. Of a post `unique (post_id, account_id, kind)` says so
-- since the first row; this index holds the others alone, and so none of before: it is empty when it is made.
create unique index activities_one_intent on scheduler.activities (account_id, kind, subject_kind, subject)
    where subject is not null;
