-- What an account's owner wants asked, or does by hand, is asked about once more right before the call.
create or replace view engagement.standing as
    select s.activity_id, s.state, s.execution, s.pause_code, s.pause_reason, s.asks_member, s.takes_part,
           s.member_kinds, c.status as account_status, c.consented_kinds as consented,
           h.account_id is not null as challenged, s.acts_until,
           c.approval_modes ->> s.kind as approval_mode, s.owner_agreed
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
