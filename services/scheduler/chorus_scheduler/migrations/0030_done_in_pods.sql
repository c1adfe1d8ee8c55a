-- What was done in a pod, by time: its report of what members gave and received.
create index activities_done_in_pod on scheduler.activities (pod_id, executed_at) where state = 'executed';
