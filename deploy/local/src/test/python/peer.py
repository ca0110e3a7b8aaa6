"""One torrent in libtorrent, known to its trackers only. Prints a JSON line about itself twice a second; ends when its
standard input is closed.

Usage: peer.py TORRENT FOLDER ADDRESS:PORT UPLOAD_LIMIT
"""

import json
import sys
import threading
import time

import libtorrent as lt

torrent, folder, listen, upload_limit = sys.argv[1:5]
if torrent.startswith("magnet:"):
    params = lt.parse_magnet_uri(torrent)
else:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
params.save_path = folder
params.upload_limit = int(upload_limit)

session = lt.session({
    "listen_interfaces": listen,
    "outgoing_interfaces": listen.rsplit(":", 1)[0].strip("[]"),
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "min_announce_interval": 5,
    "tracker_backoff": 10,  # percent: a tracker that does not know the torrent yet is soon asked again
    "out_enc_policy": int(lt.enc_policy.disabled),
    "in_enc_policy": int(lt.enc_policy.enabled),
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
})
handle = session.add_torrent(params)
ended = threading.Event()


def wait_for_end():
    sys.stdin.read()
    ended.set()


threading.Thread(target=wait_for_end, daemon=True).start()
while not ended.wait(0.5):
    status = handle.status()
    print(json.dumps({
        "state": str(status.state),
        "complete": status.is_seeding,
        "down": status.total_payload_download,
        "up": status.total_payload_upload,
        "peers": [str(peer.client) for peer in handle.get_peer_info()],
        "error": status.errc.message() if status.errc.value() else "",
    }), flush=True)
session.remove_torrent(handle)
time.sleep(1)  # the trackers hear that it leaves
