-- Names are searched by trigrams, within one tenant. Both extensions are trusted: the owner of the database may create them.
do $$ begin
    create extension if not exists pg_trgm;
    create extension if not exists btree_gin;
exception when others then
    raise exception 'intake needs the PostgreSQL extensions pg_trgm and btree_gin in this database, and cannot create them (%). As a superuser run: create extension pg_trgm; create extension btree_gin;', sqlerrm;
end $$;

-- Revisions of records and generations of torrents: they only rise, over all keys.
create sequence rev_seq;
-- Tells two markings of one dirty key apart.
create sequence dirty_seq;

-- Tenants that share stored public content.
create table pool (
    id         uuid primary key,
    name       text        not null,
    -- Bytes per second of all its torrents; 0 for no limit. The rates of its members do not apply to them.
    down_rate  bigint      not null default 0,
    up_rate    bigint      not null default 0,
    created_at timestamptz not null
);
create index pool_page on pool (created_at desc, id desc);

create table tenant (
    id         uuid primary key,
    name       text        not null,
    -- ACTIVE, SUSPENDED or DELETING.
    state      text        not null,
    -- Null: the tenant shares with no other. Applies to what is added from now on.
    pool_id    uuid references pool,
    created_at timestamptz not null
);
create index tenant_page on tenant (created_at desc, id desc);
create index tenant_pool on tenant (pool_id) where pool_id is not null;
create index tenant_deleting on tenant (created_at) where state = 'DELETING';

create table api_key (
    id           uuid primary key,
    tenant_id    uuid        not null references tenant,
    hash         bytea       not null unique,
    name         text        not null,
    -- Some of read, write and admin, separated by spaces.
    scopes       text        not null,
    created_at   timestamptz not null,
    -- Null: never.
    expires_at   timestamptz,
    -- Written at most once a minute.
    last_used_at timestamptz,
    -- The label of an app key, which sees and changes only transfers with it. Null: the key is none.
    label        text
);
create index api_key_tenant on api_key (tenant_id);

-- Sessions stand for their key for a limited time. Only the SHA-256 of the token is stored.
create table api_session (
    id           uuid primary key,
    key_id       uuid        not null references api_key on delete cascade,
    tenant_id    uuid        not null,
    hash         bytea       not null unique,
    created_at   timestamptz not null,
    -- Written at most once a minute.
    last_used_at timestamptz not null,
    -- The end of its lifetime, or that of its key if it is earlier.
    ends_at      timestamptz not null
);
create index api_session_key on api_session (key_id);
create index api_session_tenant on api_session (tenant_id);
create index api_session_used on api_session (last_used_at);
create index api_session_ends on api_session (ends_at);

-- The current life of each torrent id; a row goes when its last life has been purged.
create table torrent (
    id              text primary key,
    -- The id of a tenant, or pool/ and the id of a pool; never a pool if the torrent is private. A torrent id has one owner for life.
    owner           text    not null,
    gen             bigint  not null,
    rev             bigint  not null,
    state           text    not null,
    orphaned_at     timestamptz,
    info_hash       text    not null,
    -- SHA-256 of the info dictionary: the info-hash of version 2, if the torrent has one.
    info_digest     text    not null default '',
    name            text    not null,
    size            bigint  not null,
    files           int     not null,
    segments        int     not null,
    piece_length    int     not null,
    pieces          int     not null,
    -- Whether info_digest is an info-hash.
    hybrid          boolean not null,
    private         boolean not null,
    wanted          text    not null,
    mode            text    not null,
    sources         text    not null,
    tracked         boolean not null,
    check_count     int     not null,
    -- Its share of the rates of its tenant or pool, bytes per second; 0 for no limit.
    down_rate       bigint  not null default 0,
    up_rate         bigint  not null default 0,
    -- Segments that are stored, a bitmap, and the check that it answers to.
    stored          bytea   not null,
    stored_check    int     not null,
    -- How often its trackers were to be announced to at once; when that, and a verification, was last asked for.
    reannounce      int     not null default 0,
    reannounced_at  timestamptz,
    verified_at     timestamptz
);
-- Totals, written once a minute: apart, and with room on each page, so that no wide row and no index is written with them.
create table torrent_counters (
    torrent_id      text primary key references torrent on delete cascade,
    gen             bigint not null,
    epoch           bigint not null,
    down            bigint not null,
    up              bigint not null,
    wasted          bigint not null,
    seeding_seconds bigint not null
) with (fillfactor = 70);
-- The segments of a torrent that are shorter than 16 MiB, pairs of number and length: progress is counted with them, without the
-- info object. They follow from the info-hash, so they stay the same in every life.
create table torrent_segments (
    torrent_id text primary key references torrent on delete cascade,
    shorter    bytea not null
);
-- What its worker has seen of its trackers, by hashes of their URLs, as JSON: apart, because it changes with every announce.
create table torrent_trackers (
    torrent_id text primary key references torrent on delete cascade,
    gen        bigint not null,
    rev        bigint not null,
    epoch      bigint not null,
    states     text   not null
);
create index torrent_orphaned on torrent (orphaned_at) where state = 'ORPHANED';
create index torrent_hash on torrent (info_hash);
create index torrent_owner on torrent (owner);
-- Whose rates are shared, and among how many.
create index torrent_limited on torrent (owner) where down_rate > 0 or up_rate > 0;
create index torrent_running on torrent (owner) where state = 'LIVE' and mode <> 'STOP';
create index torrent_digest on torrent (info_digest);

-- Names under which a tenant files its transfers. A deleted one stays until no transfer has it.
create table category (
    id         uuid primary key,
    tenant_id  uuid        not null references tenant on delete cascade,
    name       text        not null,
    save_path  text,
    deleted    boolean     not null default false,
    created_at timestamptz not null
);
create unique index category_name on category (tenant_id, name) where not deleted;
create index category_deleted on category (id) where deleted;

create table transfer (
    id              uuid primary key,
    tenant_id       uuid        not null references tenant,
    -- The tenant's pool when the transfer was added, unless the torrent is known to be private: the pool owns the content.
    pool_id         uuid references pool,
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
    -- The segments that it takes, a bitmap; null: all.
    wanted_segments bytea,
    joined_up       bigint      not null,
    created_at      timestamptz not null,
    -- Why it is BLOCKED: QUOTA or DENIED, beside the suspension of its tenant.
    blocked         text,
    suspended       boolean     not null default false,
    -- The metadata is kept at resolved/{id} until the transfer can be planned; with QUOTA, the bytes that planning needs.
    metadata_kept   boolean     not null default false,
    needed_bytes    bigint      not null default 0,
    -- All that is wanted was stored when the fleet last reported.
    complete        boolean     not null default false,
    -- Files that were ever wanted in this generation, and their length.
    charged         bytea       not null default '',
    charged_bytes   bigint      not null default 0,
    -- The download slot: held, or waited for since; when its holder last made progress, and what its torrent had received then.
    slot            boolean     not null default false,
    queued_since    timestamptz,
    slot_at         timestamptz,
    slot_down       bigint      not null default 0,
    -- The transaction that changed last what its tenant sees, except counters.
    change          xid8        not null default pg_current_xact_id(),
    -- Its number in the library, which is never given again.
    number          int         not null,
    labels          text[]      not null default '{}',
    category_id     uuid references category,
    display_name    text,
    -- What is shown as its name, and both names, in lower case: lists are sorted by the one and searched in the other.
    sort_name       text collate "C" not null,
    search_text     text        not null,
    -- Bytes of all files of its torrent; 0 until they are known.
    size            bigint      not null default 0,
    -- Since when it is in its state, and how long it was in these states before, in seconds.
    state_since     timestamptz not null default now(),
    downloading_for bigint      not null default 0,
    seeding_for     bigint      not null default 0,
    completed_at    timestamptz,
    -- Seeding ends after so many seconds in all, or without traffic; null: it does not. When that has to be looked at next.
    seeding_limit   bigint,
    idle_limit      bigint,
    goal_due        timestamptz,
    -- What the .torrent said about itself.
    comment         text,
    creator         text,
    made_at         timestamptz,
    -- Whether the tenant has asked for a verification that is not answered.
    checking        boolean     not null default false,
    -- As those of a torrent, for the search for its metadata.
    reannounce      int         not null default 0,
    reannounced_at  timestamptz,
    -- Its place in the tenant's download queue, which counts while it is not complete. Only the order of ranks means something.
    queue_rank      bigint      not null default 0,
    -- When its slot was last taken for want of progress; null since it was given another, or was moved in the queue.
    yielded_at      timestamptz,
    -- Whether it comes before all others that are not, and goes on after its seeding goals.
    forced          boolean     not null default false,
    -- Bytes per second that it may receive and send; 0 for no limit. Without effect while a pool owns the torrent.
    down_rate       bigint      not null default 0,
    up_rate         bigint      not null default 0,
    -- A library holds a torrent once.
    unique (tenant_id, info_hash),
    unique (tenant_id, number)
);
-- What one tenant looks for: its labels, and any part of its names. Each change is entered at once: a list of pending ones would be
-- read as a whole by every search, and hides the index from the planner when it is long.
create index transfer_find on transfer using gin (tenant_id, labels, search_text gin_trgm_ops) with (fastupdate = off);
-- One for each order of a list, read in both directions.
create index transfer_by_name on transfer (tenant_id, sort_name, id);
create index transfer_by_size on transfer (tenant_id, size, id);
create index transfer_by_state on transfer (tenant_id, state, created_at, id);
create index transfer_goal_due on transfer (goal_due) where goal_due is not null;
create index transfer_uncategorised on transfer (tenant_id, created_at desc, id desc) where category_id is null;
-- Tenants file and finish their transfers differently: without these the planner takes the average of all libraries for each.
create statistics transfer_of_tenant (mcv) on tenant_id, state, category_id from transfer;
alter statistics transfer_of_tenant set statistics 1000;
-- How many names begin with two letters decides between the orders.
alter table transfer alter column sort_name set statistics 1000;
create index transfer_category on transfer (category_id, created_at desc, id desc) where category_id is not null;
create index transfer_slot on transfer (tenant_id) where slot;
-- The order in which those that wait are given slots.
create index transfer_waiting on transfer (tenant_id, (not forced), (coalesce(yielded_at, timestamptz '-infinity')), queue_rank)
    where queued_since is not null;
create index transfer_by_queue on transfer (tenant_id, queue_rank, id) where not complete;
create index transfer_limited on transfer (tenant_id) where down_rate > 0 or up_rate > 0;
create index transfer_over_quota on transfer (tenant_id, created_at) where blocked = 'QUOTA';
create index transfer_searching on transfer (tenant_id) where state = 'RESOLVING';
create index transfer_suspended on transfer (tenant_id, suspended);
create index transfer_hash on transfer (info_hash);
create index transfer_page on transfer (tenant_id, created_at desc, id desc);
create index transfer_torrent on transfer (torrent_id);
create index transfer_pool on transfer (pool_id) where pool_id is not null;
create index transfer_change on transfer (tenant_id, change, id);
create index transfer_resolving on transfer (resolving_since) where state = 'RESOLVING';

create function transfer_changed() returns trigger language plpgsql as $$
begin
    new.change := pg_current_xact_id();
    return new;
end $$;
create trigger transfer_changed before update on transfer for each row
    when ((old.name, old.state, old.failure, old.blocked, old.stalled, old.stalled_since, old.queued_since, old.paused, old.ratio,
           old.private, old.wanted, old.wanted_bytes, old.torrent_id, old.complete,
           old.queue_rank, old.forced, old.down_rate, old.up_rate, old.checking, old.sources,
           old.labels, old.category_id, old.display_name, old.size, old.completed_at, old.seeding_limit, old.idle_limit,
           old.suspended)
          is distinct from
          (new.name, new.state, new.failure, new.blocked, new.stalled, new.stalled_since, new.queued_since, new.paused, new.ratio,
           new.private, new.wanted, new.wanted_bytes, new.torrent_id, new.complete,
           new.queue_rank, new.forced, new.down_rate, new.up_rate, new.checking, new.sources,
           new.labels, new.category_id, new.display_name, new.size, new.completed_at, new.seeding_limit, new.idle_limit,
           new.suspended))
    execute function transfer_changed();

-- The same as torrent_trackers, of the search for the metadata of a transfer.
create table search_trackers (
    transfer_id uuid primary key references transfer on delete cascade,
    gen         bigint not null,
    rev         bigint not null,
    epoch       bigint not null,
    states      text   not null
);

-- Transfers that were removed lately, or have lost labels, for clients that keep a copy of the library or of what has a label.
create table removed_transfer (
    tenant_id   uuid        not null,
    transfer_id uuid        not null,
    change      xid8        not null default pg_current_xact_id(),
    removed_at  timestamptz not null default now(),
    -- Whether it was removed; else it has lost labels.
    removed     boolean     not null default true,
    -- Those that it had when it was removed, or has lost.
    labels      text[]      not null default '{}',
    primary key (tenant_id, change, transfer_id)
);
create index removed_transfer_age on removed_transfer (removed_at);
create function transfer_removed() returns trigger language plpgsql as $$
begin
    insert into removed_transfer as known (tenant_id, transfer_id, labels) values (old.tenant_id, old.id, old.labels)
        on conflict (tenant_id, change, transfer_id) do update set removed = true, labels = known.labels || excluded.labels;
    return null;
end $$;
create function transfer_lost_labels() returns trigger language plpgsql as $$
begin
    insert into removed_transfer as known (tenant_id, transfer_id, removed, labels)
        values (new.tenant_id, new.id, false, array(select unnest(old.labels) except select unnest(new.labels)))
        on conflict (tenant_id, change, transfer_id) do update set labels = known.labels || excluded.labels;
    return null;
end $$;
create trigger transfer_lost_labels after update of labels on transfer for each row
    when (not old.labels <@ new.labels) execute function transfer_lost_labels();
create trigger transfer_removed after delete on transfer for each row execute function transfer_removed();
-- Figures of each transfer that lists are sorted by, written at most once a minute. They are apart because their indexes are
-- few: the transfer itself has many, and each write of a row would write to all of them.
create table transfer_figures (
    transfer_id uuid primary key references transfer on delete cascade,
    tenant_id   uuid             not null,
    -- The part of the wanted bytes that is verified, 0 to 1.
    progress    double precision not null default 0,
    -- Bytes sent since it joined, as a multiple of the wanted bytes.
    ratio       double precision not null default 0,
    -- Bytes received and sent, and the minute in which these were last seen to have grown.
    moved       bigint           not null default 0,
    active_at   timestamptz
);
create index transfer_figures_by_progress on transfer_figures (tenant_id, progress, transfer_id);
create index transfer_figures_by_ratio on transfer_figures (tenant_id, ratio, transfer_id);
create function transfer_has_figures() returns trigger language plpgsql as $$
begin
    insert into transfer_figures (transfer_id, tenant_id) values (new.id, new.tenant_id);
    return null;
end $$;
create trigger transfer_has_figures after insert on transfer for each row execute function transfer_has_figures();

-- Limits of each tenant, and the usage that is reserved in the transactions that plan. Slots and searches are counted where they are.
create table tenant_quota (
    tenant_id           uuid primary key references tenant on delete cascade,
    stored_bytes        bigint  not null,
    transfers           bigint  not null,
    active_downloads    int     not null,
    resolving           int     not null,
    requests_per_second int     not null,
    request_burst       int     not null,
    -- Bytes per second of all its torrents; 0 for no limit.
    down_rate           bigint  not null,
    up_rate             bigint  not null,
    used_bytes          bigint  not null default 0,
    used_transfers      bigint  not null default 0,
    -- The highest number that a transfer of the tenant was ever given.
    last_number         int     not null default 0,
    -- The lowest and the highest rank that a transfer of the tenant was ever given in the download queue.
    queue_first         bigint  not null default 0,
    queue_last          bigint  not null default 0,
    -- Whether the tenant's transfers must be blocked, how often that has changed, and whether all of them are as it says now.
    suspended           boolean not null default false,
    suspension_changes  bigint  not null default 0,
    suspension_swept    boolean not null default true
);
create index tenant_quota_unswept on tenant_quota (tenant_id) where not suspension_swept;

-- The outbox: keys whose record on Kafka may be older than what the tables say.
create table dirty_key (
    topic        text        not null,
    key          text        not null,
    stamp        bigint      not null,
    dirty_at     timestamptz not null default now(),
    -- When its record could not be made, or was refused: the key is set aside and holds up no other.
    blocked_at   timestamptz,
    -- It is published again and nothing new: it waits until no other key does.
    low_priority boolean     not null default false,
    primary key (topic, key)
);
create index dirty_key_stamp on dirty_key (low_priority, stamp);
create index dirty_key_blocked on dirty_key (blocked_at) where blocked_at is not null;

-- A user's access to private torrents. Only the SHA-256 of the passkey is stored; its holder alone knows it. A row outlives its
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

-- Torrents that the tracker serves although none is registered.
create table allowed_torrent (
    info_hash  text primary key,
    reason     text,
    rev        bigint      not null,
    changed_at timestamptz not null
);

-- Torrents that the operator denies, by info-hash: 40 digits of version 1 or 64 of version 2. Swept: no transfer of it is left
-- that was not blocked.
create table denied_torrent (
    hash       text collate "C" primary key,
    reason     text,
    rev        bigint      not null,
    changed_at timestamptz not null,
    swept      boolean     not null
);
create index denied_unswept on denied_torrent (rev) where not swept;

-- The operator's rules for a tenant's users. A row outlives its tenant until the last link of the tenant has expired.
create table tenant_rule (
    tenant_id         uuid primary key,
    enabled           boolean not null,
    locations         int,
    -- Follows the tenant's state: passkeys admit nothing while it is true.
    suspended         boolean not null,
    -- Seconds since 1970-01-01: links that were issued earlier are void.
    links_void_before bigint  not null,
    rev               bigint  not null,
    forget_at         timestamptz
);
create index tenant_rule_forget on tenant_rule (forget_at) where forget_at is not null;

-- The totals of each run of a member's client so far.
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

-- Actions of operators and keys. Entries outlive their subjects.
create table audit (
    id         uuid primary key,
    at         timestamptz not null,
    actor_kind text        not null,
    actor_id   text,
    address    text,
    action     text        not null,
    tenant_id  uuid,
    subject    text        not null,
    detail     text
);
create index audit_page on audit (at desc, id desc);
create index audit_tenant_page on audit (tenant_id, at desc, id desc);
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit entries must not be changed';
end $$;
create trigger audit_is_append_only before update on audit execute function audit_is_append_only();

-- Work that one replica does at a time and that takes longer than a transaction.
create table lease (
    name  text primary key,
    until timestamptz not null
);
