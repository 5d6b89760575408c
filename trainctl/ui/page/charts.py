"""Charts as SVG: drawn here from numbers, explained by a title, and read value by value with the pointer or the arrow keys."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from xml.etree.ElementTree import Element

from trainctl.aliases import Value
from trainctl.strict_json import to_json
from trainctl.ui.page.elements import tag

COLORS = 10
"""How many colors the style sheet has, `c0` and on; what comes after is grey."""
_WIDTH, _HEIGHT = 460, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 12, 34
_LOG_FROM = 100  # times the smallest value is the largest
_DIGITS = 6
_TICKS = 7
_MARKERS_UP_TO = 20


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of a chart.

    Args:
        label: What it is.
        x: Growing numbers.
        y: As many; `None` leaves a gap.
        color: Its color, from 0; of `COLORS` and more it is grey.
        is_dashed: Whether it is drawn as dots.
        is_scattered: Whether its points are not joined.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float | None]
    color: int = 0
    is_dashed: bool = False
    is_scattered: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A value with a name that is drawn as a line across the chart."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows.

    Args:
        title: What stands above.
        x: What the x-axis says.
        curves: The curves.
        levels: Values on the y-axis that are marked.
        places: Values on the x-axis that are marked.
        points: How many points of a curve are drawn at most.
    """

    title: str
    x: str
    curves: Sequence[Curve]
    levels: Sequence[Mark] = ()
    places: Sequence[Mark] = ()
    points: int = 300

    @property
    def can_be_read(self) -> bool:
        """Whether its values are shown one place on the x-axis after the other."""
        return not any(curve.is_scattered for curve in self.curves)


def draw(chart: Chart) -> Element:
    """Return the chart as a figure."""
    curves = [_thinned(curve, chart.points) for curve in chart.curves]
    values = [value for curve in curves for value in curve.y if value is not None and math.isfinite(value)]
    places = [value for curve in curves for value in curve.x]
    if not values:
        return tag("figure", tag("figcaption", chart.title), tag("p", "no finite value", class_="note"))
    x, y = _Axis.over(places, _LEFT, _WIDTH - _RIGHT, tight=True), _Axis.of_values(values)
    label = f"{chart.title} over {chart.x}: {', '.join(curve.label for curve in curves[:COLORS])}"
    svg = tag(
        "svg",
        *_grid(x, y),
        *(_level(y, each) for each in chart.levels if y.holds(each.value)),
        *(_place(x, each) for each in chart.places if x.holds(each.value)),
        *(part for curve in reversed(curves) for part in _curve(curve, x, y)),
        tag("text", chart.x, x=(_LEFT + _WIDTH - _RIGHT) / 2, y=_HEIGHT - 4, text_anchor="middle"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=label,
        tabindex="0" if chart.can_be_read else None,
    )
    figure = tag("figure", tag("figcaption", chart.title), svg, _legend(chart, curves), class_="chart")
    if chart.can_be_read:
        figure.append(tag("p", class_="values"))
        figure.set("data-chart", to_json(_for_script(chart, curves, x), escaped=True))
    return figure


def _thinned(curve: Curve, most: int) -> Curve:
    """Return the curve with no more points than that: its ends, and of each stretch the lowest and the highest."""
    if len(curve.x) <= most:
        return curve
    stretches = most // 2 - 1
    edges = [round(index * len(curve.x) / stretches) for index in range(stretches + 1)]
    kept = {0, len(curve.x) - 1}
    for start, end in pairwise(edges):
        known = [(value, i) for i in range(start, end) if (value := curve.y[i]) is not None and math.isfinite(value)]
        kept |= {min(known)[1], max(known)[1]} if known else {start}
    return replace(curve, x=[curve.x[i] for i in sorted(kept)], y=[curve.y[i] for i in sorted(kept)])


@dataclass(frozen=True, slots=True)
class _Axis:
    """An axis: numbers from `low` to `high` lie between the pixels `start` and `end`."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float, *, tight: bool = False) -> _Axis:
        low, high = min(values), max(values)
        room = 0.5 if low == high else 0.0 if tight else (high / 2 - low / 2) * 0.1
        return cls(low - room, high + room, start, end)

    @classmethod
    def of_values(cls, values: Sequence[float]) -> _Axis:
        low, high = min(values), max(values)
        if 0 < _LOG_FROM * low < high:
            return cls(low / 1.2, min(high * 1.2, 1.7e308), _HEIGHT - _BOTTOM, _TOP, is_log=True)
        if low == high:
            room = abs(low) * 0.1 or 0.5
            return cls(low - room, high + room, _HEIGHT - _BOTTOM, _TOP)
        return cls.over(values, _HEIGHT - _BOTTOM, _TOP)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def at(self, value: float) -> float:
        """Return the pixel of a value; halves, because the span of two huge numbers may be infinite."""
        if self.is_log:
            low = math.log(self.low)
            share = (math.log(value) - low) / (math.log(self.high) - low) if value > 0 else 0.0
        else:
            share = (value / 2 - self.low / 2) / ((self.high / 2 - self.low / 2) or 1.0)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, *, whole: bool = False) -> list[float]:
        if self.is_log:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            return [10.0**power for power in powers[:: max(1, math.ceil(len(powers) / _TICKS))]]
        span = self.high / 2 - self.low / 2
        rough = span / _TICKS * 2
        power = 10.0 ** math.floor(math.log10(rough)) if 0 < rough < math.inf else 1.0
        step = next((each * power for each in (1, 2, 5) if each * power >= rough), 10 * power)
        step = max(step, 1.0) if whole else step
        first = math.ceil(self.low / step)
        return [step * number for number in range(first, first + 2 * _TICKS + 2) if self.holds(step * number)]


def _grid(x: _Axis, y: _Axis) -> Iterator[Element]:
    for value in y.ticks():
        at = y.at(value)
        yield tag("line", class_="grid", x1=x.start, x2=x.end, y1=at, y2=at)
        yield tag("text", _number(value), x=x.start - 6, y=at + 4, text_anchor="end")
    for value in x.ticks(whole=x.high - x.low >= 1 and float(x.high).is_integer()):
        at = x.at(value)
        yield tag("line", class_="grid", x1=at, x2=at, y1=y.start, y2=y.start + 4)
        yield tag("text", f"{value:,.10g}", x=at, y=y.start + 16, text_anchor="middle")
    yield tag("line", class_="axis", x1=x.start, x2=x.end, y1=y.start, y2=y.start)


def _number(value: float) -> str:
    return f"{value:.6g}".replace("e+", "e").replace("e-0", "e-").replace("e0", "e")


def _level(y: _Axis, mark: Mark) -> Element:
    at = y.at(mark.value)
    return tag("line", tag("title", mark.label), class_="level", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=at, y2=at)


def _place(x: _Axis, mark: Mark) -> Element:
    at = x.at(mark.value)
    return tag("line", tag("title", mark.label), class_="place", x1=at, x2=at, y1=_TOP, y2=_HEIGHT - _BOTTOM)


def _curve(curve: Curve, x: _Axis, y: _Axis) -> Iterator[Element]:
    color = f"c{curve.color}" if curve.color < COLORS else "other"
    kind = f"curve {color}{' dashed' if curve.is_dashed else ''}"
    drawn = [
        None if value is None or not math.isfinite(value) else (x.at(place), y.at(value))
        for place, value in zip(curve.x, curve.y, strict=True)
    ]
    if not curve.is_scattered:
        for part in _stretches(drawn):
            yield tag("polyline", points=" ".join(f"{left:g},{top:g}" for left, top in part), class_=kind)
    alone = [part[0] for part in _stretches(drawn) if len(part) == 1]
    for left, top in filter(None, drawn) if curve.is_scattered or len(drawn) <= _MARKERS_UP_TO else alone:
        yield tag("circle", cx=left, cy=top, r=2.2, class_=f"dot {color}")


def _stretches(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return what is between the gaps."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [part for part in found if part]


def _legend(chart: Chart, curves: Sequence[Curve]) -> Element | None:
    named = [tag("li", curve.label, class_=_key(curve)) for curve in curves if curve.color < COLORS]
    others = len(curves) - len(named)
    named += [tag("li", f"{others} others", class_="key other")] if others else []
    named += [tag("li", _valued(mark), class_="key level") for mark in chart.levels]
    named += [tag("li", mark.label, class_="key place") for mark in chart.places]
    return tag("ul", *named, class_="legend") if named else None


def _key(curve: Curve) -> str:
    return f"key c{curve.color}{' dashed' if curve.is_dashed else ''}"


def _valued(mark: Mark) -> str:
    return f"{mark.label} {mark.value:.4g}"


def _for_script(chart: Chart, curves: Sequence[Curve], x: _Axis) -> Value:
    """Return what page.js reads: where the x-axis lies, and the values of the curves that have a color."""
    return {
        "name": chart.x,
        "low": x.low,
        "high": x.high,
        "left": x.start,
        "right": x.end,
        "top": _TOP,
        "bottom": _HEIGHT - _BOTTOM,
        "width": _WIDTH,
        "curves": [
            {"label": curve.label, "x": [_short(each) for each in curve.x], "y": [_short(each) for each in curve.y]}
            for curve in curves
            if curve.color < COLORS
        ],
    }


def _short(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.{_DIGITS}g}")


def bars(title: str, values: Sequence[tuple[str, float, str]]) -> Element:
    """Return a table of bars.

    Args:
        title: What they show.
        values: For each bar its name, its length, and what stands beside it.
    """
    longest = max((abs(length) for _, length, _ in values if math.isfinite(length)), default=0.0) or 1.0
    rows = []
    for name, length, text in values:
        share = abs(length) / longest * 100 if math.isfinite(length) else 0.0
        bar = tag("rect", width=share, height=10, class_="bar" if length >= 0 else "bar below")
        drawn = tag("svg", bar, viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")
        rows.append(
            tag("tr", tag("th", name, scope="row"), tag("td", drawn, class_="drawn"), tag("td", text, class_="n"))
        )
    head = tag("tr", *(tag("th", each, scope="col") for each in ("name", "share of the largest", "value")))
    whole = tag("table", tag("caption", title), tag("thead", head), tag("tbody", *rows), class_="bars")
    return tag("div", whole, class_="scroll", tabindex="0", role="group", aria_label=title)
