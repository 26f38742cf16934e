"""Texts that nobody vouches for stay text. A CommonMark parser is the judge."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from strongroom.review.markdown import code, fence, visible

NASTY = st.text(st.sampled_from("`|<>!-[]()*_#@~\\&\n\r\t \u202e\u200bab1:/"), max_size=40) | st.text(max_size=40)
PARSER = MarkdownIt("commonmark").enable("table")


@given(NASTY)
@example("")
@example("`")
@example("a|b")
@example("``` </details><script>")
@example("@everyone see #1 https://example.org [x](javascript:alert(1))")
def test_a_code_span_is_one_span_whatever_is_in_it(text: str) -> None:
    paragraph = PARSER.parse(f"x {code(text)} y")
    (inline,) = [token for token in paragraph if token.type == "inline"]
    assert [child.type for child in inline.children or []] == ["text", "code_inline", "text"]


@given(NASTY)
def test_a_code_span_is_one_cell_of_a_table(text: str) -> None:
    tokens = PARSER.parse(f"| a | b |\n| - | - |\n| {code(text)} | end |")
    cells = [tokens[at + 1] for at, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 2
    assert [child.type for child in cells[0].children or []] == ["code_inline"]
    assert cells[1].content == "end"


@given(st.lists(NASTY, max_size=5))
@example(["```", "</details>", "````", "<!-- strongroom:preview -->"])
def test_nothing_ends_a_block_of_code_but_its_own_fence(lines: list[str]) -> None:
    block, after = PARSER.parse("\n".join([*fence(lines, "diff"), "", "***"]))
    assert (block.type, block.info, after.type) == ("fence", "diff", "hr")
    assert len(block.content.splitlines()) == len(lines)


def test_what_would_hide_or_reverse_text_becomes_visible() -> None:
    assert visible("a\u202eb\u200bc\x1b[31m\r\n\ud800") == "a\\u202eb\\u200bc\\u001b[31m\\u000d\\u000a\\ud800"


def test_long_texts_are_cut_and_show_it() -> None:
    assert code("x" * 1000, 10) == f"`{'x' * 9}…`"
