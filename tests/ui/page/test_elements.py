from html.parser import HTMLParser

from trainctl.ui.page.elements import LONGEST, folded, lines, table, tag, to_html

ESC, NUL, OVERRIDE = map(chr, (27, 0, 0x202E))
HOSTILE = f"</script><script>alert(1)</script>{ESC}[31m{NUL}{OVERRIDE} \"'&"


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_no_text_and_no_attribute_is_markup() -> None:
    html = to_html(tag("p", HOSTILE, tag("b", HOSTILE), HOSTILE, aria_label=HOSTILE, class_="x", hidden=None))
    seen, shown = Seen(html), "</script><script>alert(1)</script>\\x1b[31m\\x00\\u202e \"'&"
    assert seen.tags == ["p", "b"]
    assert seen.attributes == {"aria-label": shown, "class": "x"}
    assert "".join(seen.texts) == shown * 3
    assert not {ESC, NUL, OVERRIDE} & set(html)


def test_text_keeps_its_place_among_elements_and_a_long_one_is_cut() -> None:
    assert to_html(tag("p", "a", tag("b", "c"), "d", None, "e")) == "<p>a<b>c</b>de</p>"
    assert len(to_html(tag("p", "x" * 10_000))) == LONGEST + len("<p></p>")
    assert [to_html(each) for each in lines("a\n\nb")] == ["<p>a</p>", "<p>b</p>"]


def test_a_table_has_heads_with_scope_a_caption_and_a_place_for_the_keyboard() -> None:
    html = to_html(table("Results", ("metric", "value"), [("loss", "1"), ("mae", "2")], most=1))
    assert html.startswith('<div class="scroll" tabindex="0" role="group" aria-label="Results"><table><caption>Results')
    assert html.count('scope="col"') == 2
    assert '<th scope="row">loss</th><td class="n">1</td>' in html
    assert "and 1 more row" in html
    assert "mae" not in html


def test_what_is_folded_can_be_opened() -> None:
    assert to_html(folded("more", tag("p", "x"))) == "<details><summary>more</summary><p>x</p></details>"
