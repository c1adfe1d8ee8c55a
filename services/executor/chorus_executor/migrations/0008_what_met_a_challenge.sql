-- Which execution met a challenge: who hears of one that was heard of already asks whether it was so.
create or replace view engagement.api_challenges as
    select h.id, h.account_id, h.activity_id, h.execution from engagement.challenges h;
