"""A property list that this program wrote, read back: strictly, and faster than plistlib, which reads any.

There is nothing but dictionaries, lists, texts, whole numbers and truth values in a profile of ours; a number with a
point (``<real>``), a date, data, a key given twice, text between the elements: each is an error here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def read_plist(content: bytes) -> dict[str, Any]:
    """The dictionary of a property list in XML; raises ValueError for what is none, or has other types of values."""
    from xml.etree import ElementTree as ET

    try:
        root = ET.XML(content)
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    if root.tag != "plist" or len(root) != 1 or root[0].tag != "dict":
        raise ValueError("it is no property list with one dictionary")
    _refuse_text(root)
    return _dictionary(root[0])


def _dictionary(element: Element) -> dict[str, Any]:
    _refuse_text(element)
    keys, values = element[::2], element[1::2]
    read = {key.text or "": _value(value) for key, value in zip(keys, values, strict=True)}
    if len(read) != len(keys) or any(key.tag != "key" or len(key) for key in keys):
        raise ValueError("a key is given twice, or missing")
    return read


def _value(element: Element) -> Any:
    kind, text = element.tag, element.text
    if kind == "dict":
        return _dictionary(element)
    if kind == "array":
        _refuse_text(element)
        return [_value(one) for one in element]
    if len(element):
        raise ValueError(f"there are elements in <{kind}>")
    if kind == "string":
        return text or ""
    if kind == "integer":
        return int(text or "")
    if kind in ("true", "false") and not text:
        return kind == "true"
    raise ValueError(f"<{kind}> has no place in a profile")


def _refuse_text(element: Element) -> None:
    """Raise ValueError for text between the elements in ``element``."""
    around = (element.text or "") + "".join([one.tail or "" for one in element])
    if around.strip():
        raise ValueError(f"there is text between the elements in <{element.tag}>")
