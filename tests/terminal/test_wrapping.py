"""Lines of a width in columns, whatever letters they have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wizard.terminal.wrapping import columns, wrap

TEXTS = st.text(st.sampled_from("ab .,-邮件サーバ설정é̀😀👍🏽à"), max_size=80)


@given(TEXTS, st.integers(4, 30), st.booleans())
def test_no_line_is_wider_than_asked_for_and_nothing_but_blanks_is_lost(text, width, long_words):
    lines = wrap(text, width, long_words=long_words)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        longest = max(columns(word) for word in line.split(" "))
        assert columns(line) <= width or (not long_words and columns(line) == longest)


def test_an_east_asian_sentence_is_broken_between_its_letters():
    assert wrap("邮件服务器设置", 6) == ["邮件服", "务器设", "置"]
    assert wrap("邮件 ab", 8, first="> ", rest="  ") == ["> 邮件", "  ab"]
