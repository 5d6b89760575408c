"""Values of a saved model as a person writes them."""

from __future__ import annotations

import pytest

from trainctl.drafts.values import as_size, is_same, plain


@pytest.mark.parametrize(
    ("saved", "written"),
    [
        (0.0010000000474974513, 0.001),
        (0.1, 0.1),
        (1 / 255, "1/255"),
        (2 / 3, 2 / 3),
        (1e300, 1e300),
        ({"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "int32"}}, [1, 2]),
        ({"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}, "mixed_float16"),
    ],
)
def test_values(saved: object, written: object) -> None:
    assert plain(saved) == written


def test_sizes_and_sameness() -> None:
    assert [as_size(each) for each in ([3, 3], [3, 1], [3], 3, [[1, 1], [1, 1]])] == [3, [3, 1], 3, 3, [[1, 1], [1, 1]]]
    assert is_same([-1], -1)
    assert is_same((1, 1), 1)
    assert not is_same(True, 1)
