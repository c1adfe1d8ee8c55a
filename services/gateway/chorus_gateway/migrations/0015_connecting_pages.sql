-- The provider's page that a link leads to, by way of ours, which first says whose team will act with the account.
alter table gateway.account_links add column page_url text check (length(page_url) <= 4096);
