"""A libtorrent peer for the interop tests.

libtorrent_peer.py seed TORRENT DIR              prints its port, seeds until stdin is closed
libtorrent_peer.py leech TORRENT|MAGNET DIR PORT  downloads from 127.0.0.1:PORT, prints "done", stays until stdin is closed

Settings of libtorrent may follow as NAME=NUMBER.
"""
import sys
import time

import libtorrent as lt

role, torrent, directory = sys.argv[1:4]
settings = {name: int(value) for name, value in (each.split('=', 1) for each in sys.argv[4:] if '=' in each)}
session = lt.session({
    'listen_interfaces': '127.0.0.1:0', 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
    'enable_natpmp': False, 'allow_multiple_connections_per_ip': True, 'enable_outgoing_utp': False,
    'enable_incoming_utp': False, 'alert_mask': lt.alert.category_t.storage_notification, **settings})
parameters = lt.parse_magnet_uri(torrent) if torrent.startswith('magnet:') else lt.add_torrent_params()
if not torrent.startswith('magnet:'):
    parameters.ti = lt.torrent_info(torrent)
parameters.save_path = directory
handle = session.add_torrent(parameters)
if role == 'seed':
    while not handle.status().is_seeding:
        time.sleep(0.02)
    print(session.listen_port(), flush=True)
else:
    handle.connect_peer(('127.0.0.1', int(sys.argv[4])))
    while not handle.status().is_seeding:
        time.sleep(0.02)
    handle.flush_cache()  # it seeds what it has verified, which may not be written yet
    while not any(isinstance(alert, lt.cache_flushed_alert) for alert in session.pop_alerts()):
        session.wait_for_alert(1000)
    print('done', flush=True)
sys.stdin.read()
