"""What is counted of new inputs begins at nothing."""

from __future__ import annotations

from trainctl.components.new_inputs import Counts


def test_counts_of_two_predictions_are_apart() -> None:
    one, other = Counts(), Counts()
    one.missing["age"] += 1
    one.unseen.setdefault("town", one.missing)
    assert (other.samples, other.left_out, dict(other.missing), other.unseen, other.bad) == (0, 0, {}, {}, [])
