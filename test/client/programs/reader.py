"""Prints the entity id of every event. With `holdsAt` it takes its time over that one, until a line comes in."""

import json
import sys

from tidings_client import Tidings

options = json.loads(sys.argv[1])
tidings = Tidings(options["url"], key=options["key"], timeout=3)
if options["way"] == "feed":
    events = iter(tidings.feed("invoices", wait=1))
else:
    events = iter(
        tidings.stream(
            topics=["invoices"],
            idle_timeout=3,
            since="2000-01-01T00:00:00Z",
            on_open=lambda: print("opened", flush=True),
        )
    )
for event in events:
    print(event["entityId"], flush=True)
    if event["entityId"] == options["holdsAt"]:
        sys.stdin.readline()
