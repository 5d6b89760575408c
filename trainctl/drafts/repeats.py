"""Equal items one after the other → one item with `repeat:`."""

from __future__ import annotations

from trainctl.aliases import Value

_LONGEST = 12  # items of a group that is looked for
_FEWEST = 3  # items that a repeat replaces, at least: fewer are as short without it


def with_repeats(items: list[Value]) -> list[Value]:
    """Return the items of a list of layers, those that repeat written once."""
    found: list[Value] = []
    start = 0
    while start < len(items):
        size, count = max(_runs(items, start), key=lambda run: run[0] * (run[1] - 1), default=(1, 1))
        if size * count > _FEWEST and count > 1:
            found.append(_repeated(items[start : start + size], count))
            start += size * count
        else:
            found.append(items[start])
            start += 1
    return found


def _runs(items: list[Value], start: int) -> list[tuple[int, int]]:
    """Return how often what begins at `start` comes, for each length of it."""
    found = []
    for size in range(1, min(_LONGEST, (len(items) - start) // 2) + 1):
        group = items[start : start + size]
        if not all(map(_stands_alone, group)):
            break
        count = 1
        while items[start + size * count : start + size * (count + 1)] == group:
            count += 1
        found.append((size, count))
    return found


def _repeated(group: list[Value], count: int) -> Value:
    [first, *others] = group
    if not others:
        return {**(first if isinstance(first, dict) else {first: None}), "repeat": count}
    return {"layers": group, "repeat": count}


def _stands_alone(item: Value) -> bool:
    """Return whether the item has no name and refers to none, so that it may come several times."""
    if isinstance(item, str):
        return True
    if not isinstance(item, dict) or not {"from", "name", "reuse", "repeat"}.isdisjoint(item):
        return False
    if any(isinstance(each, str | list | dict) for each in item.get("call", {}).values()):
        return False  # it names a node
    if "layers" in item:
        return all(map(_stands_alone, item["layers"]))
    return all(not isinstance(each, dict) or not {"name", "layers"} & each.keys() for each in item.values())
