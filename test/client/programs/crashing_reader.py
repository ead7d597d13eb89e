"""Takes what crashing-reader.ts takes, and does the same."""

import json
import os
import signal
import sys

from tidings_client import Checkpoint, FileCheckpointStore, Tidings

options = json.loads(sys.argv[1])
tidings = Tidings(options["url"], key=options["key"])
checkpoint = Checkpoint(FileCheckpointStore(options["folder"]), options["way"], every_events=options["everyEvents"])
if options["way"] == "feed":
    events = iter(tidings.feed("invoices", checkpoint=checkpoint, limit=50))
else:
    events = iter(tidings.stream(topics=["invoices"], checkpoint=checkpoint, since="2000-01-01T00:00:00Z"))

processed = 0
is_enough = False
for event in events:
    # The one before is done now, and kept, so the next process begins with this one.
    if is_enough:
        break
    with open(options["journal"], "a") as journal:
        journal.write(event["entityId"] + "\n")
    processed += 1
    if processed == options["diesAfter"]:
        os.kill(os.getpid(), signal.SIGKILL)
    is_enough = event["entityId"] == options["last"]
