"""A run that consists of several runs, one after the other, each in a directory of its own below that of the whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trainctl.aliases import Value
from trainctl.config.load import Loaded
from trainctl.errors import TrainctlError
from trainctl.events import (
    BaselineMeasured,
    CallbacksTimed,
    ChildFinished,
    ChildRun,
    ChildRuns,
    ChildStarted,
    DataLoaded,
    Event,
    ExecutionDecided,
    ModelBuilt,
    Notice,
    RunFinished,
    RunStarted,
    Sink,
)
from trainctl.files import is_own_file
from trainctl.jobs import session
from trainctl.jobs.session import Ended, Training
from trainctl.runs.children import child_run, mean_baseline, together
from trainctl.runs.directory import create_child
from trainctl.runs.ending import Outcome
from trainctl.runs.expected import judge
from trainctl.runs.layout import RunDirectory
from trainctl.runs.signals import StopRequest
from trainctl.runs.store import Run, read_run

Conclusion = Callable[[RunDirectory, ChildRuns, Sink], None]
"""What is made of all runs once they are done: files in the directory of the whole."""

GoOn = Callable[[Run, Loaded, Sink, StopRequest], "Ended | None"]
"""Goes on with one of the runs, as the experiment says now; `None` if it is done."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs that an experiment takes.

    Args:
        kind: What they are, as their folder is called: `folds`.
        experiments: The experiment of each, by the name of its directory, in their order.
        conclude: What is made of all of them.
    """

    kind: str
    experiments: Mapping[str, Loaded]
    conclude: Conclusion

    @property
    def noun(self) -> str:
        """What one of them is called: `fold`."""
        return self.kind.removesuffix("s")


@dataclass(frozen=True, slots=True)
class Several:
    """The work of a run that consists of several.

    Args:
        plan: The runs.
        loaded: The experiment of the whole.
        seed: The seed of all of them.
        watch: Where their events go besides their records.
        go_on: How one that has begun goes on; `None` where none has.
        boosting: Whether gradient boosting is a baseline too.
    """

    plan: Plan
    loaded: Loaded
    seed: int
    watch: Sink
    go_on: GoOn | None = None
    boosting: bool = False

    def __call__(self, directory: RunDirectory, emit: Sink, stop: StopRequest) -> Outcome:
        """Do the runs that are not done yet, then what is made of all of them.

        Raises:
            TrainctlError, KeyboardInterrupt: One of the runs ended so; those after it are not begun.
        """
        watch = _Forwarding(self.watch, emit)
        done: dict[str, ChildRun] = {}
        for name in self.plan.experiments:
            stop.raise_if_late()
            child = directory.child(self.plan.kind, name)
            started = ChildStarted(
                noun=self.plan.noun, name=name, count=len(self.plan.experiments), directory=child.shown
            )
            ended = self._do(directory, name, _begun_by(started, emit, watch), stop, _known_data(directory, done))
            done[name] = child_run(child, read_run(child.path).record)
            if ended is None:
                continue
            emit(ChildFinished(run=done[name], so_far=together(self.plan.kind, done.values())))
            if ended.error is not None:
                raise _named(ended.error, f"{self.plan.noun} {name}")
        children = together(self.plan.kind, done.values())
        self.plan.conclude(directory, children, emit)
        return self._outcome(directory, children, emit)

    def _do(
        self, whole: RunDirectory, name: str, watch: Sink, stop: StopRequest, known_data: Mapping[str, Value] | None
    ) -> Ended | None:
        """Do a run, or what is left of it; `None` if it is done."""
        experiment, child = self.plan.experiments[name], whole.child(self.plan.kind, name)
        if self.go_on is not None and is_own_file(child.record):
            return self.go_on(read_run(child.path), experiment, watch, stop)
        made = create_child(whole, self.plan.kind, child.path.name)
        work = Training(experiment, self.seed, known_data=known_data, boosting=self.boosting)
        return session.begin_in(made, experiment, self.seed, watch, work, stop=stop)

    def _outcome(self, directory: RunDirectory, children: ChildRuns, emit: Sink) -> Outcome:
        means = {name: each.mean for name, each in children.metrics.items()}
        baseline = mean_baseline(children.runs)
        emit(BaselineMeasured(baseline=baseline))
        histories = [read_run(directory.path / run.directory).history() for run in children.runs]
        digest = hashlib.blake2b("".join(str(run.weights) for run in children.runs).encode(), digest_size=16)
        return Outcome(
            sum(run.epochs for run in children.runs),
            means,
            None,
            judge(self.loaded.experiment, means, histories, baseline),
            digest.hexdigest(),
            children,
        )


def _known_data(directory: RunDirectory, done: Mapping[str, ChildRun]) -> Mapping[str, Value] | None:
    """Return what tells the data of the runs that are done: all of them have the same."""
    for run in done.values():
        record = read_run(directory.path / run.directory).record
        return {"fingerprint": (record.get("data") or {}).get("fingerprint")}
    return None


def _named(error: BaseException, name: str) -> BaseException:
    """Return the error with the name of the run that it ended."""
    if isinstance(error, TrainctlError):
        error.message = f"{name}: {error.message}"
        error.args = (error.message,)
    return error


def _begun_by(started: ChildStarted, emit: Sink, watch: Sink) -> Sink:
    """Return `watch`, which is told of the run's beginning by `started`."""

    def forward(event: Event) -> None:
        if isinstance(event, RunStarted):
            emit(started)
        else:
            watch(event)

    return forward


@dataclass(slots=True)
class _Forwarding:
    """Passes on what happens in the runs: facts of the first also to the record of the whole, each notice once.

    Args:
        watch: Where the events go.
        emit: Where the events of the whole go.
    """

    watch: Sink
    emit: Sink
    seen: set[str] = field(default_factory=set)

    def __call__(self, event: Event) -> None:
        match event:
            case RunFinished() | CallbacksTimed() | BaselineMeasured():
                return  # the whole is not over
            case Notice():
                is_new, self.seen = event.message not in self.seen, self.seen | {event.message}
                if is_new:
                    self.watch(event)
            case DataLoaded() | ModelBuilt() | ExecutionDecided() if type(event).__name__ not in self.seen:
                self.seen.add(type(event).__name__)
                self.emit(event)
            case _:
                self.watch(event)
