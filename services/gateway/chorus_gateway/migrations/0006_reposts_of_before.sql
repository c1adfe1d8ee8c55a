-- Policies are stored with every default written out, so that a later default changes nobody's pod. Reposts that say
-- something are new: the pods that were there before stay as they were, silent, until somebody changes them.
update gateway.pods
set policy = jsonb_set(policy, '{repost,comment_share}', '0')
where policy ? 'repost' and not policy -> 'repost' ? 'comment_share';
