"""MLflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from trainctl.components.callbacks.shared.tracker import Name, TrackerSpec
from trainctl.components.context import CallbackContext
from trainctl.components.extras import Extra
from trainctl.components.fields import Integer, Text
from trainctl.components.spec import callback

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("MLflow")
class MLflow(TrackerSpec):
    """Keep the run in MLflow: settings as parameters, metrics each epoch, the experiment's files, and the model.

    A parameter is called as in `--set`: `compile.optimizer.learning_rate`. Secrets from `${env:…}` stay as they are written.
    A server that cannot be reached when training begins is an error; one that goes away later is told once, training goes
    on, and what it missed is sent when it answers again. A resumed run continues in the same MLflow run.

    Source: trainctl; needs `pip install "trainctl[mlflow]"`.
    """

    extra: ClassVar[Extra] = Extra("mlflow", "mlflow")

    tracking_uri: Annotated[
        Name | None,
        Field(
            description="The server's address, or a store such as sqlite:////data/mlflow.db; by default "
            "MLFLOW_TRACKING_URI or MLflow's own default.",
            examples=["http://localhost:5000"],
        ),
    ] = None
    experiment: Annotated[
        Name | None,
        Field(description="The MLflow experiment, created if missing; by default the name of the experiment."),
    ] = None
    tags: Annotated[dict[str, Text] | None, Field(description="Tags of the run.")] = None
    timeout: Annotated[
        Integer,
        Field(ge=1, description="Seconds to wait for the server's answer; MLFLOW_HTTP_REQUEST_TIMEOUT, if set, wins."),
    ] = 10

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Return the tracker, or a callback that does nothing where nothing may be left behind."""
        import keras

        if context.run_id is None:
            return keras.callbacks.Callback()
        return super().build(context)
