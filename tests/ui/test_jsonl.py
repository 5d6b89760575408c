import io
import json
import math

from trainctl import events
from trainctl.ui.jsonl import JsonlDisplay


def test_one_strict_object_a_line_without_transient_events(started, epoch):
    stream = io.StringIO()
    sink = JsonlDisplay(stream)
    sink(started)
    sink(events.Progress(epoch=1, step=1, steps=2))
    sink(epoch(1, loss=math.nan, val_loss=-math.inf, accuracy=0.5))
    lines = stream.getvalue().splitlines()
    first, second = (json.loads(line, parse_constant=lambda name: 1 / 0) for line in lines)
    assert (first["event"], first["schema"], first["overrides"]) == ("RunStarted", 2, ["fit.epochs=3"])
    assert second["metrics"] == {"loss": None, "val_loss": None, "accuracy": 0.5}
