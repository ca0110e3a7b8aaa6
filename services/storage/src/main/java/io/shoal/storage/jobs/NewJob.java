package io.shoal.storage.jobs;

import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;

/** A job for a whole torrent that is to be enqueued. */
public record NewJob(JobKind kind, TorrentId torrent, Generation generation) {}
