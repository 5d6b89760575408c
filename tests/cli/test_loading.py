"""Loading for a command: the person's modules are imported, and what they print stays off the screen."""

from __future__ import annotations

import pytest
from workplace import Workplace

from trainctl.cli.loading import load_components, load_experiment
from trainctl.components.spec import SOURCES
from trainctl.errors import ConfigError, UsageError

MINE = "import trainctl\nimport os; os.write(1, b'loud')\n\n@trainctl.data_source(name='OfMine')\ndef of_mine(size: int = 3):\n    '''Mine.'''\n"


def test_a_module_is_loaded_and_silent(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(workplace.folder)
    (workplace.folder / "mine.py").write_text(MINE)
    load_components(["mine.py"], no_imports=True)
    assert SOURCES.get("OfMine") is not None
    assert "loud" not in capfd.readouterr().out


def test_an_experiment_uses_it(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace.folder)
    (workplace.folder / "mine.py").write_text(MINE)
    config = str(workplace.write(data={"source": "OfMine"}))
    with pytest.raises(ConfigError):
        load_experiment(config, (), (), no_imports=True)
    loaded = load_experiment(config, ["fit.epochs=4"], ["mine.py"], no_imports=True)
    assert loaded.experiment.data.source.name_in_yaml == "OfMine"
    assert loaded.experiment.fit.epochs == 4


def test_a_module_that_is_not_there_is_wrong_usage(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace.folder)
    with pytest.raises((UsageError, ConfigError)):
        load_components(["absent.py"], no_imports=True)
