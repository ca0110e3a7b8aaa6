package io.shoal.intake.admission;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;

/** Listed torrents by their info-hash in hexadecimal. */
@ApplicationScoped
class ListedTorrentRepository implements PanacheRepositoryBase<ListedTorrent, String> {}
