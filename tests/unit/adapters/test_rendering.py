from __future__ import annotations

from pathlib import Path

import pytest

from ecom_agent.adapters.rendering import TemplateRenderer
from ecom_agent.errors import BadInput, NotFound


def _renderer(folder: Path, **templates: str) -> TemplateRenderer:
    for name, text in templates.items():
        (folder / f"{name}.j2").write_text(text, encoding="utf-8")
    return TemplateRenderer([folder])


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    renderer = _renderer(tmp_path, **{"page.html": "{{ x }}", "mail": "{{ x }}"})
    assert renderer.render("page.html.j2", {"x": "<b>"}) == "&lt;b&gt;"
    assert renderer.render("mail.j2", {"x": "<b>"}) == "<b>"


def test_what_is_handed_in_is_data_and_never_a_template(tmp_path: Path) -> None:
    assert _renderer(tmp_path, mail="{{ x }}").render("mail.j2", {"x": "{{ 7 * 7 }}"}) == "{{ 7 * 7 }}"


def test_a_template_cannot_reach_python(tmp_path: Path) -> None:
    renderer = _renderer(tmp_path, mail="{{ ''.__class__.__mro__ }}", change="{{ xs.append(1) }}")
    for name in ("mail.j2", "change.j2"):
        with pytest.raises(BadInput):
            renderer.render(name, {"xs": []})


def test_a_template_that_is_not_there_or_faulty_is_named(tmp_path: Path) -> None:
    renderer = _renderer(tmp_path, faulty="{% if %}")
    with pytest.raises(NotFound, match=r"other\.j2"):
        renderer.render("other.j2", {})
    with pytest.raises(NotFound):
        renderer.render("../secret", {})
    with pytest.raises(BadInput, match=r"faulty\.j2, line 1"):
        renderer.render("faulty.j2", {})


def test_the_first_folder_that_has_a_template_serves_it(tmp_path: Path) -> None:
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    for folder in (own, shipped):
        folder.mkdir()
        (folder / "mail.j2").write_text(folder.name, encoding="utf-8")
    assert TemplateRenderer([own, shipped]).render("mail.j2", {}) == "own"


def test_a_missing_value_is_named_without_its_neighbours(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="carrier") as raised:
        _renderer(tmp_path, mail="{{ buyer }} {{ carrier }}").render("mail.j2", {"buyer": "Ana Example"})
    assert "Ana" not in str(raised.value)
