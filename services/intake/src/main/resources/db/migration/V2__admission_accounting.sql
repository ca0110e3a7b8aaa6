-- Whose a torrent is: members of this tenant alone may announce it if it is private. A torrent id names one owner, for ever.
alter table torrent add column tenant_id uuid;
update torrent t set tenant_id = f.tenant_id from transfer f where f.torrent_id = t.id;
-- The tracker is told the owners.
insert into dirty_key (topic, key, stamp)
select 'TORRENTS', id, nextval('dirty_seq') from torrent
on conflict (topic, key) do update set stamp = excluded.stamp;

-- A user's way into private torrents. The passkey itself is known to its holder alone; here is its SHA-256. A row outlives its
-- revocation, and its tenant, until every tracker has heard of it.
create table passkey (
    id         uuid primary key,
    tenant_id  uuid        not null,
    name       text        not null,
    hash       text        not null unique,
    rev        bigint      not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);
create index passkey_tenant on passkey (tenant_id, created_at, id);
create index passkey_revoked on passkey (revoked_at) where revoked_at is not null;

-- The operator's lists.
create table listed_torrent (
    info_hash  text primary key,
    rule       text        not null,
    reason     text,
    rev        bigint      not null,
    changed_at timestamptz not null
);

-- The operator's rules for a tenant's users.
create table tenant_rule (
    tenant_id uuid primary key references tenant,
    enabled   boolean not null,
    locations int,
    rev       bigint  not null
);

-- What each run of a member's client came to so far.
create table accounting_session (
    user_id         uuid        not null,
    info_hash       text        not null,
    peer            text        not null,
    started_at      timestamptz not null,
    tenant_id       uuid        not null,
    uploaded        bigint      not null,
    downloaded      bigint      not null,
    seeding_seconds bigint      not null,
    last_at         timestamptz not null,
    primary key (user_id, info_hash, peer, started_at)
);
create index accounting_transfer on accounting_session (tenant_id, info_hash);
create index accounting_over on accounting_session (last_at);

-- The sessions of each member that are over, added up.
create table accounting_total (
    user_id         uuid        not null,
    info_hash       text        not null,
    tenant_id       uuid        not null,
    uploaded        numeric     not null,
    downloaded      numeric     not null,
    seeding_seconds numeric     not null,
    sessions        bigint      not null,
    last_at         timestamptz not null,
    primary key (user_id, info_hash)
);
create index accounting_total_transfer on accounting_total (tenant_id, info_hash);
