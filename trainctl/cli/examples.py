"""The examples that `--help` shows of each command. A test parses every one of them."""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.aliases import Value

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "init": (
        "trainctl init image -o mnist.yaml",
        "trainctl init --data people.csv --label income -o people.yaml",
    ),
    "run": (
        "trainctl run mnist.yaml",
        "trainctl run mnist.yaml -s fit.epochs=3 -s compile.optimizer.learning_rate=1e-2",
        "trainctl run mnist.yaml --expect 'val_accuracy >= 0.9' --max-time 2h",
    ),
    "resume": ("trainctl resume latest", "trainctl resume mnist --set fit.epochs=20"),
    "validate": ("trainctl validate mnist.yaml", "trainctl validate configs/*.yaml --format github"),
    "explain": ("trainctl explain mnist.yaml", "trainctl explain mnist.yaml compile.optimizer"),
    "data": ("trainctl data mnist.yaml", "trainctl data people.csv --label income"),
    "find-lr": ("trainctl find-lr mnist.yaml --plot rates.png",),
    "list": ("trainctl list callbacks", "trainctl list --search plateau"),
    "describe": ("trainctl describe EarlyStopping", "trainctl describe data.validation_split"),
    "schema": ("trainctl schema --write schemas/experiment.schema.json",),
    "evaluate": ("trainctl evaluate latest", "trainctl evaluate mnist --split test --json"),
    "report": ("trainctl report latest", "trainctl report mnist cifar -o comparison.html"),
    "predict": ("trainctl predict latest new.csv -o answers.csv",),
    "export": ("trainctl export latest --to onnx", "trainctl export mnist/best --to saved_model -o served"),
    "tensorboard": ("trainctl tensorboard", "trainctl tensorboard mnist latest --port 6007"),
    "trust": ("trainctl trust .", "trainctl trust --list"),
    "completion": ("trainctl completion bash",),
    "doctor": ("trainctl doctor", "trainctl doctor --json"),
    "runs": (
        "trainctl runs --where 'val_accuracy > 0.9' --since 7d --sort val_loss",
        "trainctl runs --name 'mnist*' --columns run,val_loss --csv",
    ),
    "runs show": ("trainctl runs show latest", "trainctl runs show mnist --json"),
    "runs reproduce": ("trainctl runs reproduce latest",),
    "runs compare": ("trainctl runs compare mnist latest --plot curves.png",),
    "runs remove": ("trainctl runs remove 20260101-120000-a1b2c3",),
    "runs prune": (
        "trainctl runs prune --keep-last 5 --dry-run",
        "trainctl runs prune --keep-best 3 --by val_loss --name mnist",
    ),
    "runs tag": ("trainctl runs tag latest paper",),
    "runs note": ("trainctl runs note latest 'a wider first layer'",),
}


def add_examples(command: Value, name: str) -> None:
    """Put the examples below the help of a command, and of those below it.

    Args:
        command: Click's command.
        name: Its name, such as `runs show`.
    """
    examples = EXAMPLES.get(name, ())
    if examples:
        command.epilog = "\n".join(["\b", "Examples:", *(f"  {example}" for example in examples)])
    for below, each in getattr(command, "commands", {}).items():
        add_examples(each, f"{name} {below}")
