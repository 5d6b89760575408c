from trainctl.ui.annotations import annotation


def test_message_and_properties_are_escaped_as_github_expects():
    assert annotation("error", "50%\r\nof a:b,c", title="a:b,c%\n") == (
        "::error title=a%3Ab%2Cc%25%0A::50%25%0D%0Aof a:b,c"
    )


def test_without_properties():
    assert annotation("notice", "done") == "::notice::done"


def test_properties_keep_their_order():
    assert annotation("warning", "m", file="a.yaml", line=3) == "::warning file=a.yaml,line=3::m"
