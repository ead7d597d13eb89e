"""Accepts events and ends: by itself, by SIGTERM, or before they can be published."""

import signal
import sys
import threading

from tidings_client import Tidings

url, key, count, ending = sys.argv[1:]
publisher = Tidings(url, key=key).publisher(
    on_refused=lambda refused: print(refused.error, flush=True),
    on_retry=lambda *_: print("retry", flush=True),
    exit_drain=0.1 if ending == "impatient" else 60,
)
for number in range(1, int(count) + 1):
    publisher.publish({"tenantId": 29302, "type": "invoice.updated", "entityId": str(number)})
# Python runs nothing at its end when SIGTERM kills it, so the program makes an ordinary end of it.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
print("accepted", flush=True)
if ending == "signal":
    threading.Event().wait()
