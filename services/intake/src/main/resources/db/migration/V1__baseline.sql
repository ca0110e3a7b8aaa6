-- Revisions of records and generations of torrents: they only rise, over all keys, for ever.
create sequence rev_seq;
create sequence generation_seq;
-- Tells two markings of one dirty key apart.
create sequence dirty_seq;

create table tenant (
    id         uuid primary key,
    name       text        not null,
    created_at timestamptz not null
);
create index tenant_page on tenant (created_at desc, id desc);

create table api_key (
    id         uuid primary key,
    tenant_id  uuid        not null references tenant,
    hash       bytea       not null unique,
    created_at timestamptz not null
);
create index api_key_tenant on api_key (tenant_id);

-- The current life of each torrent id; a row goes when its last life has been purged.
create table torrent (
    id              text primary key,
    -- Members of this tenant alone may announce it if it is private. A torrent id names one owner for life.
    tenant_id       uuid,
    gen             bigint  not null,
    rev             bigint  not null,
    state           text    not null,
    orphaned_at     timestamptz,
    info_hash       text    not null,
    name            text    not null,
    size            bigint  not null,
    files           int     not null,
    segments        int     not null,
    private         boolean not null,
    wanted          text    not null,
    mode            text    not null,
    sources         text    not null,
    tracked         boolean not null,
    check_count     int     not null,
    -- Counters, written once a minute.
    stored          bytea   not null,
    down            bigint  not null,
    up              bigint  not null,
    wasted          bigint  not null,
    seeding_seconds bigint  not null
);
create index torrent_orphaned on torrent (orphaned_at) where state = 'ORPHANED';

create table transfer (
    id              uuid primary key,
    tenant_id       uuid        not null references tenant,
    info_hash       text        not null,
    torrent_id      text references torrent,
    name            text        not null,
    magnet          text,
    sources         text        not null,
    private         boolean     not null,
    wanted          text        not null,
    paused          boolean     not null,
    ratio           double precision,
    state           text        not null,
    failure         text,
    stalled         text,
    stalled_since   timestamptz,
    rev             bigint      not null,
    resolving_since timestamptz,
    wanted_bytes    bigint      not null,
    joined_up       bigint      not null,
    created_at      timestamptz not null,
    -- A library holds a torrent once.
    unique (tenant_id, info_hash)
);
create index transfer_page on transfer (tenant_id, created_at desc, id desc);
create index transfer_torrent on transfer (torrent_id);
create index transfer_resolving on transfer (resolving_since) where state = 'RESOLVING';

-- The outbox: keys whose record on Kafka may be older than what the tables say.
create table dirty_key (
    topic      text        not null,
    key        text        not null,
    stamp      bigint      not null,
    dirty_at   timestamptz not null default now(),
    -- When its record could not be made, or was refused: the key is set aside and holds up no other.
    blocked_at timestamptz,
    primary key (topic, key)
);
create index dirty_key_stamp on dirty_key (stamp);

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
