"""Reading ASN.1 as bytes: what DER permits, what BER permits besides, and where it ends."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.der import DEPTH_LIMIT, INTEGER, OCTET_STRING, SEQUENCE, DerError, Element, read_element

END = b"\0\0"


def test_an_element_has_a_tag_a_content_and_all_its_bytes():
    assert read_element(b"\x04\x02ab") == Element(OCTET_STRING, b"ab", b"\x04\x02ab")
    assert read_element(b"\x04\x00") == Element(OCTET_STRING, b"", b"\x04\x00")


def test_what_follows_an_element_is_left_alone():
    assert read_element(b"\x04\x02abc\x04").encoded == b"\x04\x02ab"


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("length", [0, 1, 127, 128, 255])
def test_a_length_has_up_to_four_bytes(size, length):
    data = b"\x04" + bytes([0x80 | size]) + length.to_bytes(size, "big") + bytes(length)
    element = read_element(data + b"more")
    assert (len(element.content), element.encoded) == (length, data)


def test_a_long_length_counts_in_all_its_bytes():
    assert len(read_element(b"\x04\x83\x01\x02\x03" + bytes(0x010203)).content) == 0x010203


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x04",
        b"\x04\x01",
        b"\x04\x03ab",
        b"\x04\x81",
        b"\x04\x82\x00",
        b"\x04\x81\x02a",
        b"\x04\x85\x00\x00\x00\x00\x01a",
        b"\x04\x80a\0\0",
        b"\x1f\x01a",
        b"\x3f\x81\x01\x01a",
        b"\xff\x01a",
    ],
    ids=[
        "nothing",
        "no length",
        "no content",
        "content cut off",
        "long length missing",
        "long length cut off",
        "long length too long",
        "length of five bytes",
        "open length",
        "tag of several bytes",
        "constructed tag of several bytes",
        "private tag of several bytes",
    ],
)
def test_what_der_does_not_have_or_is_cut_off_is_refused(data):
    with pytest.raises(DerError):
        read_element(data)


@pytest.mark.parametrize("tag", [0x1E, 0x20, 0x3E, 0xA0, 0xDE])
def test_tags_of_one_byte_are_read(tag):
    assert read_element(bytes([tag]) + b"\x01a").tag == tag


def test_a_list_gives_its_elements_in_order():
    whole = read_element(b"\x30\x07\x02\x01\x05\x04\x02ab")
    assert [(part.tag, part.content) for part in whole.each()] == [(INTEGER, b"\x05"), (OCTET_STRING, b"ab")]
    assert whole.parts() == whole.parts(SEQUENCE) == list(whole.each())


def test_a_list_that_is_empty_has_no_parts():
    empty = read_element(b"\x30\x00")
    assert list(empty.each()) == []
    with pytest.raises(DerError, match="empty"):
        empty.parts()


def test_a_list_whose_last_element_is_not_whole_is_refused_there():
    elements = read_element(b"\x30\x05\x02\x01\x05\x04\x02").each()
    assert next(elements).tag == INTEGER
    with pytest.raises(DerError, match="cut off"):
        next(elements)


def test_another_tag_than_the_expected_one_is_named():
    element = read_element(b"\x30\x03\x02\x01\x05")
    assert element.expect(SEQUENCE) is element
    for refused in (lambda: element.expect(INTEGER), lambda: element.parts(INTEGER)):
        with pytest.raises(DerError, match="tag 0x30 instead of 0x2"):
            refused()


# BER


def test_ber_has_open_lengths_within_each_other():
    inner = b"\x30\x80\x02\x01\x05" + END
    data = b"\x30\x80" + inner + b"\x04\x01a" + END
    whole = read_element(data + b"more", ber=True)
    assert (whole.encoded, whole.content) == (data, inner + b"\x04\x01a")
    first, second = whole.each()
    assert (first.encoded, second.content) == (inner, b"a")
    assert [part.content for part in first.each()] == [b"\x05"]


def test_zeros_within_an_element_do_not_end_an_open_length():
    assert read_element(b"\x30\x80\x04\x02\0\0\x04\x01a" + END, ber=True).content == b"\x04\x02\0\0\x04\x01a"


@pytest.mark.parametrize("content", [b"", b"\x02\x01\x05", b"\x02\x01\x05\0", b"\x02\x05\0"])
def test_an_open_length_without_an_end_is_cut_off(content):
    with pytest.raises(DerError, match="cut off"):
        read_element(b"\x30\x80" + content, ber=True)


@pytest.mark.parametrize(("depth", "good"), [(DEPTH_LIMIT, True), (DEPTH_LIMIT + 1, False)])
def test_open_lengths_within_each_other_have_a_limit(depth, good):
    assert DEPTH_LIMIT == 8
    data = b"\x30\x80" * depth + END * depth
    if good:
        assert read_element(data, ber=True).encoded == data
    else:
        with pytest.raises(DerError, match="nested"):
            read_element(data, ber=True)


def test_neighbours_with_open_lengths_are_not_within_each_other():
    data = b"\x30\x80" + (b"\x30\x80" + END) * 50 + END
    assert len(read_element(data, ber=True).parts()) == 50


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\x04\x02ab", b"ab"),
        (b"\x24\x06\x04\x01a\x04\x01b", b"ab"),
        (b"\x24\x80\x04\x01a\x04\x01b" + END, b"ab"),
        (b"\x24\x80\x24\x03\x04\x01a\x04\x01b" + END, b"ab"),
        (b"\x24\x00", b""),
    ],
)
def test_in_ber_a_string_may_come_in_pieces(data, value):
    assert read_element(data, ber=True).octets() == value


@pytest.mark.parametrize("data", [b"\x02\x01a", b"\x30\x03\x04\x01a", b"\x24\x03\x02\x01a"])
def test_another_element_is_no_string(data):
    with pytest.raises(DerError, match="tag"):
        read_element(data, ber=True).octets()


def test_in_der_a_string_comes_in_one_piece():
    assert read_element(b"\x04\x02ab").octets() == b"ab"
    with pytest.raises(DerError, match="tag"):
        read_element(b"\x24\x03\x04\x01a").octets()


def pieces(depth):
    data = b"\x04\x01a"
    for _ in range(depth):
        data = b"\x24" + bytes([len(data)]) + data
    return data


def test_strings_within_strings_have_a_limit():
    assert read_element(pieces(DEPTH_LIMIT + 1), ber=True).octets() == b"a"
    with pytest.raises(DerError, match="nested"):
        read_element(pieces(DEPTH_LIMIT + 2), ber=True).octets()


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_elements_or_refused(data, ber):
    with contextlib.suppress(DerError):
        element = read_element(data, ber=ber)
        assert data.startswith(element.encoded)
        for part in element.each():
            assert part.encoded in element.content


def test_many_small_elements_are_read_in_proportion():
    began = time.process_time()
    assert sum(1 for _ in read_element(b"\x30\x80" + b"\x04\x01a" * 100_000 + END, ber=True).each()) == 100_000
    assert time.process_time() - began < 10
