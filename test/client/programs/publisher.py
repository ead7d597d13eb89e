"""Publishes `<from> <count>` for each line that comes in, prints `accepted`, and closes at the end of its input."""

import sys

from tidings_client import Tidings

url, key = sys.argv[1:]
tidings = Tidings(url, key=key, timeout=5)
published = []
with tidings.publisher(
    on_refused=lambda refused: print("refused", refused.error, flush=True), max_batch_events=20, max_buffered_events=100
) as publisher:
    for line in sys.stdin:
        start, count = map(int, line.split())
        for number in range(start, start + count):
            event = {"tenantId": 29302, "type": "invoice.updated", "entityId": str(number), "data": {"note": "x" * 200}}
            published.append(publisher.publish(event).published)
        print("accepted", flush=True)
print("published", sum(1 for each in published if each.result()), flush=True)
