package io.shoal.intake.admission;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;

/** Allowed torrents by their info-hash in hexadecimal. */
@ApplicationScoped
class AllowedTorrentRepository implements PanacheRepositoryBase<AllowedTorrent, String> {}
