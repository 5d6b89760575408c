"""The spec of RemoteMonitor: an address over HTTP, and a time to wait."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.remote_monitor import RemoteMonitor


@pytest.mark.parametrize("arguments", [{"root": "localhost:9000"}, {"root": "ftp://there"}, {"timeout": 0}])
def test_what_cannot_be_sent_to_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RemoteMonitor(**arguments)


@pytest.mark.parametrize("root", ["http://localhost:9000", "https://metrics.example/x"])
def test_both_schemes_are_addresses(root: str) -> None:
    assert RemoteMonitor(root=root).root == root


def test_headers_are_text() -> None:
    assert RemoteMonitor(headers={"Authorization": "Bearer x"}).headers == {"Authorization": "Bearer x"}
    with pytest.raises(ValidationError):
        RemoteMonitor.model_validate({"headers": {"Retry": 3}})
