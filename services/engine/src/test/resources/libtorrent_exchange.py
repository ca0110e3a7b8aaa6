"""A libtorrent peer that must learn of others by peer exchange.

libtorrent_exchange.py ADDRESS TORRENT DIR TRACKER|- UPLOAD_LIMIT [HOST:PORT]...

Listens at ADDRESS, connects to the peers that are named, and prints
    port N          first
    peer IP SOURCE  for each connected peer, once; SOURCE is "pex" if it is known by peer exchange
    done            when it has all, and it is written
A line on standard input lifts the upload limit; it stays until standard input is closed.
"""
import sys
import threading
import time

import libtorrent as lt

address, torrent, directory, tracker, limit, *peers = sys.argv[1:]
session = lt.session({
    'listen_interfaces': address + ':0', 'outgoing_interfaces': address, 'enable_dht': False, 'enable_lsd': False,
    'enable_upnp': False, 'enable_natpmp': False, 'allow_multiple_connections_per_ip': True,
    'enable_outgoing_utp': False, 'enable_incoming_utp': False, 'connection_speed': 100,
    'seeding_outgoing_connections': False,
    'alert_mask': lt.alert.category_t.storage_notification})
parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(torrent)
parameters.save_path = directory
parameters.upload_limit = int(limit)
if tracker != '-':
    parameters.trackers = [tracker]
handle = session.add_torrent(parameters)
print('port', session.listen_port(), flush=True)


def commands():
    for _ in sys.stdin:
        handle.set_upload_limit(0)
    session.pause()
    sys.stdout.close()


threading.Thread(target=commands).start()
for peer in peers:
    host, port = peer.split(':')
    handle.connect_peer((host, int(port)))
shown = set()
done = False
while threading.active_count() > 1:
    for peer in handle.get_peer_info():
        if not peer.flags & (lt.peer_info.connecting | lt.peer_info.handshake) and peer.ip[0] not in shown:
            shown.add(peer.ip[0])
            print('peer', peer.ip[0], 'pex' if peer.source & lt.peer_info.pex else 'other', flush=True)
    if not done and handle.status().is_seeding:
        done = True
        handle.flush_cache()
        while not any(isinstance(alert, lt.cache_flushed_alert) for alert in session.pop_alerts()):
            session.wait_for_alert(1000)
        print('done', flush=True)
    time.sleep(0.05)
