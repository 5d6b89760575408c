import base64
import hashlib
import re

import pytest

from trainctl.ui.page.facts import Compared, ComparedRow, RunFacts
from trainctl.ui.page.page import SECTIONS, make_page

HOSTILE = "</title></script><script>alert(1)</script>"
RUN = RunFacts("1", HOSTILE, "done", "runs/1", {"started": "2026"}, {"loss": 0.5})


def test_the_policy_allows_the_own_style_and_script_alone() -> None:
    page = make_page([RUN], None, "made now")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; img-src data:;")
    for kind in ("style", "script"):
        (content,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.search(r"\b(style|on\w+)=", page.partition("</head>")[2].partition("<script>")[0])
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    assert "&lt;/title&gt;" in page


def test_every_link_leads_to_a_section_and_headings_have_their_order() -> None:
    page = make_page([RUN], None, "made now")
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets
    assert re.findall(r"<h(\d)", page)[: len(SECTIONS) + 1] == ["1", *["2"] * len(SECTIONS)]
    assert page.count("<title>") == page.count("<main ") == 1


def test_several_runs_are_compared() -> None:
    compared = Compared([ComparedRow("fit.epochs", ["1", "2"])], [ComparedRow("loss", ["0.5", "0.4"], [1])])
    page = make_page([RUN, RUN], compared, "made now")
    assert '<td class="n">0.5</td><td class="n best">0.4 (best)</td>' in page
    assert "Settings that differ" in page
    assert page.count("Summary</h3>") == 2
    assert len(re.findall(r'id="([^"]+)"', page)) == len(set(re.findall(r'id="([^"]+)"', page)))


@pytest.mark.parametrize("record", [{"timing": {"x": float("inf")}}, {"execution": {"a": 1}}, {"versions": [1]}])
def test_a_damaged_part_hides_no_other(record: dict[str, object]) -> None:
    page = make_page([RunFacts("1", "n", "done", "d", record, {"loss": 0.5})], None, "made now")
    assert "damaged" in page
    assert "0.5000" in page


def test_the_compared_curves_keep_their_gaps_and_are_counted() -> None:
    rows = [{"epoch": epoch, **{f"val_{key}": None if epoch == 2 else 1.0 for key in range(14)}} for epoch in (1, 2, 3)]
    run = RunFacts("1", "n", "done", "d", {}, {}, history=[rows, rows], kind="folds")
    page = make_page([run, RUN], Compared([], []), "made now")
    assert "the curves of 2 more metrics are in the sections of the runs" in page
    assert "&quot;A, the first of 2 folds&quot;" in page
    assert "[1.0, null, 1.0]" in page
