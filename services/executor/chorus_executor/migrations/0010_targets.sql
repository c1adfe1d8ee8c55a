-- What an execution acts on stands in its command (`target`). Where that is no post, there is none here.
alter table engagement.attempts alter column post_id drop not null;
