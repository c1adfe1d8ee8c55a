-- In which session of our pages a password that rests on an account was chosen. Where a new account is connected in
-- another one that a link opened, that password knows nothing of it, and ends. No reference: sessions are forgotten.
alter table gateway.users add column password_session_id uuid;
