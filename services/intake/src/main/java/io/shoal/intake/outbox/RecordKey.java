package io.shoal.intake.outbox;

import io.shoal.contracts.topics.Topic;

/** Names a record of desired state: a topic keeps the newest record of each key. */
public record RecordKey(Topic topic, String key) {}
