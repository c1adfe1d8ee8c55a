-- A challenge has a name of its own: a resume says which ones it answers, and no clock is compared with another.
alter table engagement.challenges add column id bigint generated always as identity unique;

-- What the scheduler reads when a person resumes an account.
create view engagement.api_challenges as
    select h.id, h.account_id from engagement.challenges h;
grant select on engagement.api_challenges to chorus_scheduler;

create or replace view engagement.standing as
    select s.activity_id, s.state, s.execution, s.pause_code, s.pause_reason, s.asks_member, s.takes_part,
           s.member_kinds, c.status as account_status, c.consented_kinds as consented,
           h.account_id is not null as challenged, s.acts_until
    from scheduler.api_standing s
    left join gateway.api_accounts c on c.account_id = s.account_id
    left join lateral (
        select h.account_id
        from engagement.challenges h
        where h.account_id = s.account_id
          and not exists (
              select from scheduler.api_account_resumes r
              where r.account_id = h.account_id
                and case when r.answers is null then r.resumed_at > h.at else h.id = any(r.answers) end)
        limit 1
    ) h on true;
