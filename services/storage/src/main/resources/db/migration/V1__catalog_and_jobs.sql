-- What is known of torrents. All of it can be rebuilt: from shoal.torrents, shoal.status and the objects themselves.

create table torrent (
    id         text    not null primary key,
    generation bigint  not null,
    rev        bigint  not null,
    removed    boolean not null,
    info_key   text    not null,
    ended_at   timestamptz,
    -- Where its large files lie, two bits a segment (LargeFiles); null until the info dictionary was read.
    large_files bytea
);

-- The next record to take in of each partition of shoal.torrents and shoal.status. Moved in the transaction that takes records in, so
-- a restored database continues where it was. Offsets of a topic that was created again are those of another topic: topic_id tells.
create table consumer_offset (
    topic       text   not null,
    partition   int    not null,
    topic_id    text   not null,
    next_offset bigint not null,
    primary key (topic, partition)
);

-- Bitmaps of segments: what a slice's owner says is stored, and what was found missing since.
create table stored (
    torrent    text   not null,
    generation bigint not null,
    slice      int    not null,
    epoch      bigint not null,
    checked    int    not null,
    segments   bytea  not null,
    lost       bytea  not null,
    primary key (torrent, generation, slice)
);

create table assembled (
    torrent    text   not null,
    generation bigint not null,
    file       int    not null,
    size       bigint not null,
    primary key (torrent, generation, file)
);

-- lease_owner names one lease of the job, not the process: a process that takes its own job over is another owner.
create table job (
    id          bigint generated always as identity primary key,
    kind        text        not null,
    priority    smallint    not null,
    torrent     text        not null,
    generation  bigint      not null,
    file        int         not null,
    due         timestamptz not null,
    version     int         not null default 0,
    attempts    int         not null default 0,
    upload      text,
    lease_owner uuid,
    lease_until timestamptz,
    unique (torrent, generation, kind, file)
);

-- The order in which jobs are taken.
create index job_due on job (priority, due) where lease_owner is null;

-- At most one job of a torrent is leased at a time.
create unique index job_leased on job (torrent) where lease_owner is not null;

create index job_lease_until on job (lease_until) where lease_owner is not null;

-- When the bucket is swept next, and which process does it: one row.
create table sweep (
    only_row    boolean     not null primary key default true check (only_row),
    due         timestamptz not null,
    lease_owner uuid,
    lease_until timestamptz
);

insert into sweep (due) values (now() + interval '1 hour');
