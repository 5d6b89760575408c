"""What a data source tells is an event like those of a run."""

from __future__ import annotations

import json

from trainctl.notices import SCHEMA_VERSION, Notice
from trainctl.strict_json import to_json


def test_an_event_for_machines_says_what_it_is() -> None:
    found = json.loads(to_json(Notice(message="hello", loud=True, time=1.5).as_dict()))
    assert found == {
        "event": "Notice",
        "schema": SCHEMA_VERSION,
        "time": "1970-01-01T00:00:01.500Z",
        "message": "hello",
        "loud": True,
        "path": None,
    }
