"""The language: chosen by the option, then the environment; never by accident."""

from __future__ import annotations

import contextvars

import pytest

from wizard import language


@pytest.mark.parametrize(
    ("wanted", "environ", "chosen"),
    [
        ("it", {"LANG": "en_US.UTF-8"}, "it"),
        ("en", {"LANGUAGE": "it", "LANG": "it_IT.UTF-8"}, "en"),
        ("fr", {"LANG": "it_IT.UTF-8"}, "it"),
        (None, {}, "en"),
        (None, {"LANG": "it_IT.UTF-8"}, "it"),
        (None, {"LANG": "it"}, "it"),
        (None, {"LANG": "it_CH"}, "it"),
        (None, {"LANG": "it@euro"}, "it"),
        (None, {"LANG": "it.UTF-8"}, "it"),
        (None, {"LANG": "it-IT"}, "it"),
        (None, {"LANG": "IT_it"}, "it"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LANG": "ita"}, "en"),
        (None, {"LANG": "C"}, "en"),
        (None, {"LANG": "en_US", "LC_MESSAGES": "it_IT"}, "it"),
        (None, {"LANG": "it_IT", "LC_ALL": "en_US"}, "en"),
        (None, {"LC_ALL": "", "LANG": "it_IT"}, "it"),
        (None, {"LANGUAGE": "de:it:en", "LANG": "en_US"}, "it"),
        (None, {"LANGUAGE": "", "LANG": "it_IT"}, "it"),
        (None, {"LANGUAGE": "de", "LANG": "it_IT"}, "it"),
        (None, {"LANGUAGE": "it", "LANG": "C"}, "en"),
        (None, {"LANGUAGE": "it", "LC_ALL": "POSIX"}, "en"),
    ],
)
def test_the_language_is_chosen_as_gettext_does(wanted, environ, chosen):
    assert language.choose(wanted, environ) == chosen


def test_only_a_language_of_the_program_can_be_active():
    with pytest.raises(ValueError, match="klingon"):
        language.activate("klingon")
    assert language.active() == "en"


def test_two_contexts_speak_two_languages_at_the_same_time():
    other = contextvars.copy_context()
    other.run(language.activate, "it")
    assert (other.run(language.active), language.active()) == ("it", "en")


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_a_text_that_no_catalogue_has_is_shown_as_it_is(code):
    language.activate(code)
    assert language.translate("no catalogue has this") == "no catalogue has this"
    assert language.translate("") == ""
    assert language.mark("anything") == "anything"


@pytest.mark.parametrize(("count", "form"), [(0, "many"), (1, "one"), (2, "many")])
def test_english_counts_one_apart(count, form):
    assert language.translate_plural("one", "many", count) == form
