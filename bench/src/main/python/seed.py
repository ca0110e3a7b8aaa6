"""Makes a torrent of one file and seeds it with libtorrent until its standard input closes.

usage: seed.py FILE TORRENT ANNOUNCE_URL PIECE_LENGTH ADDRESS:PORT
Prints "made" when the torrent is there, then waits for a line: a tracker may want to know the torrent first. Prints "seeding"
when the tracker knows of it.
"""
import os
import sys

import libtorrent as lt

path, torrent, announce, piece_length, interface = sys.argv[1:6]
storage = lt.file_storage()
lt.add_files(storage, path)
creator = lt.create_torrent(storage, int(piece_length), lt.create_torrent.v1_only)
creator.add_tracker(announce)
lt.set_piece_hashes(creator, os.path.dirname(path))
with open(torrent, "wb") as out:
    out.write(lt.bencode(creator.generate()))

print("made", flush=True)
sys.stdin.readline()
session = lt.session({
    "alert_mask": lt.alert.category_t.tracker_notification,
    "listen_interfaces": interface,
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "connections_limit": 200,
    "unchoke_slots_limit": -1,
})
params = lt.add_torrent_params()
params.ti = lt.torrent_info(torrent)
params.save_path = os.path.dirname(path)
params.flags |= lt.torrent_flags.seed_mode
session.add_torrent(params)
while not any(isinstance(alert, lt.tracker_reply_alert) for alert in session.pop_alerts()):
    session.wait_for_alert(100)
print("seeding", flush=True)
sys.stdin.read()
