-- One pass over the rows of before, beside those who read and write.
alter table scheduler.activities validate constraint suggested_is_never_performed;
alter table scheduler.activities validate constraint by_hand_is_done;
