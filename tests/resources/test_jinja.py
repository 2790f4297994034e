"""The Jinja environment: what a template may do, what is escaped, whose template wins."""

from __future__ import annotations

import tracemalloc

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wizard import language
from wizard.export.render import fill_template
from wizard.model.problems import Problem
from wizard.resources.templates import environment, find_data, templates_root

HOSTILE = "<b>&\"'"


@pytest.fixture
def own(tmp_path):
    """Writes a template of the person's own and renders it."""

    def render(name: str, source: str, **values) -> str:
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        return environment(tmp_path / "own").get_template(name).render(**values)

    return render


@pytest.mark.parametrize("name", ["a.xml.j2", "a.html.j2", "clients/a.html.j2"])
def test_xml_and_html_are_escaped(own, name):
    assert own(name, "{{ x }}", x=HOSTILE) == "&lt;b&gt;&amp;&#34;&#39;"


@pytest.mark.parametrize("name", ["a.txt.j2", "a.json.j2", "a.conf.j2"])
def test_other_formats_are_left_to_their_own_filter(own, name):
    assert own(name, "{{ x }}", x=HOSTILE) == HOSTILE


def test_a_translated_sentence_is_escaped_with_its_values(own):
    assert own("a.html.j2", '{{ _("For %(who)s", who=x) }}', x=HOSTILE) == "For &lt;b&gt;&amp;&#34;&#39;"


def test_a_value_that_is_not_there_is_an_error(own):
    with pytest.raises(UndefinedError):
        own("a.txt.j2", "{{ absent }}")
    with pytest.raises(UndefinedError):
        own("a.txt.j2", "{% if x.absent %}{% endif %}", x={})


@pytest.mark.parametrize(
    "source",
    [
        "{{ x.__class__.__mro__ }}",
        "{{ x.__class__ }}",
        "{{ x.__init__.__globals__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ language.__globals__ }}",
        "{{ language.__code__ }}",
        "{{ '{0.__class__}'.format(x) }}",
        "{{ '%s'|attr('__class__') }}",
    ],
)
def test_a_template_cannot_reach_what_lies_behind_its_values(own, source):
    with pytest.raises((SecurityError, UndefinedError)):
        assert not own("a.txt.j2", source, x=object())


def test_every_template_is_in_the_sandbox_as_soon_as_one_is_somebody_s_own(tmp_path):
    """The bundled ones beside it too: an own template may include and extend them."""
    assert isinstance(environment(tmp_path), ImmutableSandboxedEnvironment)
    assert not environment().sandboxed


def test_a_template_cannot_change_what_it_was_given(own):
    values = [1]
    with pytest.raises(SecurityError):
        own("a.txt.j2", "{{ x.append(2) }}", x=values)
    assert values == [1]


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "clients/../../secret.txt", "..\\secret.txt"])
def test_a_template_cannot_include_what_lies_outside(own, tmp_path, name):
    (tmp_path / "secret.txt").write_text("secret")
    with pytest.raises(TemplateNotFound):
        own("a.txt.j2", f"{{% include {name!r} %}}")


def test_a_range_that_would_exhaust_the_machine_is_refused(own):
    with pytest.raises(OverflowError):
        own("a.txt.j2", "{% for n in range(99999999) %}x{% endfor %}")


def test_a_template_of_one_s_own_comes_before_the_bundled_one_and_may_extend_others(own, tmp_path):
    assert own("clients/card.txt.j2", "mine") == "mine"
    assert environment().get_template("clients/card.txt.j2").filename == str(templates_root() / "clients/card.txt.j2")
    assert environment(tmp_path / "own").get_template("clients/card.html.j2").filename.startswith(str(templates_root()))


def test_data_of_one_s_own_comes_before_the_bundled_one(tmp_path):
    assert find_data("questions.yaml", tmp_path) == templates_root() / "questions.yaml"
    (tmp_path / "questions.yaml").write_text("questions: {}\n")
    assert find_data("questions.yaml", tmp_path) == tmp_path / "questions.yaml"


def test_blocks_leave_no_lines_and_the_last_line_keeps_its_end(own):
    assert own("a.txt.j2", "a\n  {% if true %}\nb\n  {% endif %}\n") == "a\nb\n"


def test_the_environment_is_made_once_for_each_directory(tmp_path):
    assert environment() is environment()
    assert environment(tmp_path) is not environment()


def test_a_template_speaks_the_language_of_the_moment(own, monkeypatch):
    source = "{{ language() }}: {{ _('Port') }}"
    assert own("a.txt.j2", source) == "en: Port"
    language.activate("it")
    monkeypatch.setattr(language, "_catalogue", lambda _language: Shouting())
    assert own("a.txt.j2", source) == "it: PORT"


class Shouting:
    """A catalogue of translations."""

    def gettext(self, message: str) -> str:
        return message.upper()


@pytest.mark.parametrize(
    "template", sorted(p.relative_to(templates_root()).as_posix() for p in templates_root().rglob("*.j2"))
)
def test_every_bundled_template_compiles(template):
    environment().get_template(template)


GIANTS = {
    "loops": "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
    "a loop over a range that is too long": "{% for i in range(10**9) %}{% endfor %}",
    "a product": "{{ 'x' * 10**9 }}",
    "a product of a list": "{{ ([0] * 10**9)|length }}",
    "a power": "{{ 10 ** (10 ** 10) }}",
    "squares": "{% set n = namespace(x=9) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "doubling with ~": "{% set n = namespace(x='xx') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "doubling with +": "{% set n = namespace(x='xx') %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "doubling a block": "".join(
        f"{{% set x{i + 1} %}}{{{{ x{i} }}}}{{{{ x{i} }}}}{{% endset %}}" for i in range(40)
    ).replace("{{ x0 }}", "xx"),
    "doubling a list": "{% set n = namespace(x=[0]) %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "replacing": "{% set x = 'a' * 9999 %}{{ x.replace('a', x).replace('a', x) }}",
    "replacing with a filter": "{% set x = 'a' * 9999 %}{{ x|replace('a', x)|replace('a', x) }}",
    "joining": "{% set x = 'a' * 9999 %}{{ x.join(x * 9)|length }}",
    "centring": "{{ 'x'|center(10**9) }}",
    "justifying": "{{ 'x'.ljust(10**9) }}",
    "indenting": "{{ ('x\n' * 999)|indent(10**8) }}",
    "a width": "{{ '{:>999999999}'.format(1) }}",
    "a width that is given": "{{ '{:>{w}}'.format(1, w=10**9) }}",
    "an old width": "{{ '%999999999d' % 1 }}",
    "an old width in a filter": "{{ '%999999999d'|format(1) }}",
    "recursion": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "a fork": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
    "a recursive loop": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "including itself": "{% include 'clients/neomuttrc.j2' %}",
    "text": "{% for i in range(9999) %}" + "x" * 9999 + "{% endfor %}",
    "nonsense to fill pages": "{{ lipsum(n=10**6) }}",
}


@pytest.mark.parametrize("source", GIANTS.values(), ids=GIANTS)
def test_a_template_that_goes_on_for_ever_is_ended_with_its_file_and_line(tmp_path, source):
    path = tmp_path / "clients" / "neomuttrc.j2"
    path.parent.mkdir()
    path.write_text("\n" + source, encoding="utf-8")
    tracemalloc.start()
    try:
        with pytest.raises(Problem) as caught:
            fill_template("clients/neomuttrc.j2", {}, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line is not None) == (str(path), True)
    assert "template" in caught.value.text


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("x" * 300_000, "it is larger than 256 KiB"),
        ("{% for a in [1] %}" * 30 + "{% endfor %}" * 30, "too many statically nested blocks"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "it calls itself without end"),
    ],
)
def test_a_template_that_cannot_be_compiled_is_said(tmp_path, source, sentence):
    (tmp_path / "a.txt.j2").write_text(source, encoding="utf-8")
    with pytest.raises(Problem, match=sentence) as caught:
        fill_template("a.txt.j2", {}, tmp_path)
    assert caught.value.place is not None
    assert caught.value.place.file == str(tmp_path / "a.txt.j2")


def test_an_error_in_an_included_file_names_that_file(tmp_path):
    (tmp_path / "a.txt.j2").write_text("{% include 'b.txt.j2' %}", encoding="utf-8")
    (tmp_path / "b.txt.j2").write_text("\n\n{{ 1 // 0 }}", encoding="utf-8")
    with pytest.raises(Problem) as caught:
        fill_template("a.txt.j2", {}, tmp_path)
    assert str(caught.value.place) == f"{tmp_path / 'b.txt.j2'}, line 3"
