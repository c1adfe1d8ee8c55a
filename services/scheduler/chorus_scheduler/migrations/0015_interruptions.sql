-- An interruption that goes on is written down as one.
grant update (ended_at) on scheduler.interruptions to chorus_scheduler;
