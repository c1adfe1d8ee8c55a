-- What the network shows of a registered post: for people who are asked for their yes to it. Nothing is decided by it.
alter table gateway.posts
    add column shown_author text check (length(shown_author) <= 200),
    add column shown_text   text check (length(shown_text) <= 300);
