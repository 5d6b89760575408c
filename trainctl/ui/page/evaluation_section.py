"""The section of a report that tells how good the predictions are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from trainctl.aliases import Value
from trainctl.text import plural
from trainctl.ui.facts import format_beside, format_cell
from trainctl.ui.page.charts import Chart, Curve, bars, draw
from trainctl.ui.page.elements import Content, fields, folded, note, table, tag
from trainctl.ui.page.facts import Evaluated, Matrix, Mistake, Quality, RunFacts

_NAMED = 20  # classes whose confusion matrix is shown whole
_SHADES = 9
_CELLS = 6  # raw cells of a mistake
_CONFUSED = 20
_BARS = 30


def evaluation(run: RunFacts) -> Iterator[Element]:
    """Yield what the newest evaluation found, or why there is none."""
    found = run.evaluation
    if found is None:
        yield note(run.evaluation_note)
        return
    yield tag("p", run.evaluation_note)
    rows = [
        (key, format_cell(value), format_beside(found.baseline.get(key, {}), run.record.get("majority")).strip(" ()"))
        for key, value in found.metrics.items()
    ]
    yield table(_what(found), ("metric", "value", "baseline"), rows, words=(2,))
    for name, quality in (found.outputs or {"": found}).items():
        if name:
            yield tag("p", tag("strong", f"output {name}"))
        yield from _quality(quality, run.images if not name else ())


def _what(found: Evaluated) -> str:
    of = found.data or f"the {found.split} split"
    return f"{plural(found.samples, 'sample')} of {of}, with {found.checkpoint}"


def _quality(quality: Quality, images: Sequence[str]) -> Iterator[Element]:
    yield from _scores(quality)
    if quality.confusion_matrix is not None:
        yield _confusion(quality.confusion_matrix)
    if quality.per_class:
        heads = list(quality.per_class[0])
        rows = [[_cell(each.get(head)) for head in heads] for each in quality.per_class]
        yield table("Classes", heads, rows)
    charts = list(_charts(quality))
    if charts:
        yield tag("div", *map(draw, charts), class_="charts")
    if quality.regression is not None and quality.regression.residual_deciles:
        deciles = [
            (
                format_cell(each.lowest),
                format_cell(each.highest),
                f"{each.count:,}",
                format_cell(each.mean_residual),
                format_cell(each.mae),
            )
            for each in quality.regression.residual_deciles
        ]
        heads = ["label from", "to", "count", "mean residual", "MAE"]
        yield folded(
            "Predicted - label, by tenths of the labels", table("Residuals by tenths of the labels", heads, deciles)
        )
    yield from _mistakes(quality.mistakes, images)
    if quality.importance is not None:
        found = quality.importance
        values = [
            (each.column, each.mean or 0.0, f"{format_cell(each.mean)} ± {format_cell(each.deviation)}")
            for each in found.columns[:_BARS]
        ]
        yield bars(f"Importance: {found.score} that is lost where a column is shuffled", values)
        more = len(found.columns) - len(values)
        if more > 0:
            yield note(f"and {plural(more, 'column')} of less importance")


def _scores(quality: Quality) -> Iterator[Element]:
    pairs: list[tuple[str, Content]] = []
    if quality.roc is not None:
        pairs.append(("ROC AUC", format_cell(quality.roc.auc)))
    if quality.precision_recall is not None:
        pairs.append(("average precision", format_cell(quality.precision_recall.average_precision)))
    if quality.threshold is not None:
        pairs.append(
            ("best threshold", f"{format_cell(quality.threshold.value)}, F1 {format_cell(quality.threshold.f1)}")
        )
    if quality.calibration is not None:
        pairs.append(
            ("confidence and accuracy differ by", f"{format_cell(quality.calibration.expected_error)} on average")
        )
    if quality.regression is not None:
        known = quality.regression
        pairs += [("MAE", format_cell(known.mae)), ("RMSE", format_cell(known.rmse)), ("R²", format_cell(known.r2))]
    if pairs:
        yield fields(pairs)
    if quality.not_finite:
        yield note(f"predictions that are NaN or infinite: {quality.not_finite:,}", "bad")


def _confusion(matrix: Matrix) -> Element:
    """Return the confusion matrix; of many classes, what is confused most."""
    labels, counts = matrix.labels, matrix.counts
    if len(labels) > _NAMED:
        wrong = [
            (count, labels[row], labels[column])
            for row, line in enumerate(counts[: len(labels)])
            for column, count in enumerate(line[: len(labels)])
            if count and row != column
        ]
        wrong.sort(key=lambda each: -each[0])
        most = [(label, said, f"{count:,}") for count, label, said in wrong[:_CONFUSED]]
        return table("Confused most", ("label", "prediction", "count"), most, words=(1,))

    def shade(row: int, column: int) -> str:
        count = counts[row][column - 1]
        return f"h{round(_SHADES * max(0, min(1, count / max(1, sum(counts[row])))))}"

    rows = [(label, *(f"{count:,}" for count in line)) for label, line in zip(labels, counts, strict=False)]
    made = table(
        "Confusion matrix: the label in the row, the prediction in the column", ("label", *labels), rows, shade=shade
    )
    made[0].set("class", "matrix")
    return made


def _charts(quality: Quality) -> Iterator[Chart]:
    if quality.roc is not None and quality.roc.false_positive_rate:
        x, y = _same(quality.roc.false_positive_rate, quality.roc.true_positive_rate)
        yield Chart("ROC curve", "false positive rate", [Curve("true positive rate", x, y), _DIAGONAL])
    if quality.precision_recall is not None and quality.precision_recall.recall:
        pairs = sorted(zip(quality.precision_recall.recall, quality.precision_recall.precision, strict=False))
        yield Chart(
            "Precision and recall", "recall", [Curve("precision", [x for x, _ in pairs], [y for _, y in pairs])]
        )
    if quality.calibration is not None and quality.calibration.bins:
        bins = quality.calibration.bins
        curve = Curve("accuracy", [each.confidence for each in bins], [each.accuracy for each in bins])
        yield Chart("Calibration", "confidence", [curve, _DIAGONAL])
    if quality.points is not None and quality.points.label:
        x, y = _same(quality.points.label, quality.points.predicted)
        low, high = min(x), max(x)
        ideal = Curve("as the label", [low, high], [low, high], 1)
        said = Curve("predicted", x, y, is_scattered=True)
        yield Chart("Predicted against label", "label", [said, ideal], points=len(x) + 1)


_DIAGONAL = Curve("diagonal", [0.0, 1.0], [0.0, 1.0], 5, is_dashed=True)


def _same(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    count = min(len(x), len(y))
    return list(x[:count]), list(y[:count])


def _mistakes(mistakes: Sequence[Mistake], images: Sequence[str]) -> Iterator[Element]:
    if not mistakes:
        return
    if images:
        shown = [
            tag(
                "li",
                tag("img", src=image, alt=f"input of row {each.row}"),
                f"{_said(each.label)}, said {_said(each.prediction)}",
            )
            for image, each in zip(images, mistakes, strict=False)
        ]
        yield tag("ul", *shown, class_="images")
    columns = list(dict.fromkeys(key for each in mistakes for key in each.values))[:_CELLS]
    rows = [
        (
            _said(each.row),
            _said(each.label),
            _said(each.prediction),
            format_cell(each.probability) if each.probability is not None else "",
            *(_said(each.values.get(column)) for column in columns),
        )
        for each in mistakes
    ]
    heads = ("row", "label", "prediction", "probability", *columns)
    has_probability = any(each.probability is not None for each in mistakes)
    if not has_probability:
        heads, rows = (*heads[:3], *heads[4:]), [(*row[:3], *row[4:]) for row in rows]
    yield table("Worst mistakes", heads, rows, words=range(1, len(heads)))


def _said(value: Value) -> str:
    if isinstance(value, list):
        return " ".join(map(_said, value[:4])) + (" …" if len(value) > 4 else "")
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)


def _cell(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else format_cell(value)
