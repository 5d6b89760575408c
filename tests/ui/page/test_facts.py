from trainctl.ui.page.facts import Details, Evaluated, parse


def test_what_is_not_as_it_was_recorded_is_no_fact() -> None:
    assert parse(Details, {"columns": {"a": {"kind": "numeric", "missing": 1, "new": 2}}}).columns["a"].missing == 1
    assert parse(Details, {"columns": {"a": {"missing": "1"}}}) is None
    assert parse(Details, None) is None
    assert parse(Evaluated, {"metrics": {"loss": 10**400}}) is None
    assert parse(Evaluated, {"metrics": {"loss": None}}).metrics == {"loss": None}


def test_the_ends_of_a_decile_have_their_recorded_names() -> None:
    decile = {"from": 1.0, "to": 2.0, "count": 3, "mean_residual": 0.1, "mae": 0.2}
    found = parse(Evaluated, {"regression": {"mae": 1.0, "rmse": 1.0, "r2": 0.5, "residual_deciles": [decile]}})
    assert (found.regression.residual_deciles[0].lowest, found.regression.residual_deciles[0].highest) == (1.0, 2.0)
