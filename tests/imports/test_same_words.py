"""A bad value is refused in the same words, whether it is typed into the form or stands in a file."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import lxml.html
import pytest
from flask_babel import force_locale

from app.core.sheets import sheet_named

BAD = {
    "national_id": "0684159415",
    "legal_id": "14003778991",
    "mobile": "0912",
    "email": "a@b",
    "postal_code": "12345",
    "registered_on": "1403/12/31",
    "credit_limit_rials": "-5",
}
SAMPLES = [*BAD.items(), ("credit_limit_rials", "ده"), ("mobile", "x"), ("national_id", "12")]


def from_form(visitor: Any, name: str, text: str) -> list[str]:
    answer = visitor.post("/customers/add", data={"name": "الف", "kind": "person", "is_customer": "1", name: text})
    assert answer.status_code == 422, answer.text
    page = lxml.html.fromstring(answer.text)
    return [html.unescape(error.text_content()).strip() for error in page.xpath("//*[@class='field-errors']/div")]


@pytest.mark.parametrize(("name", "text"), SAMPLES)
def test_the_form_and_the_file_refuse_alike(as_user: Callable[..., Any], name: str, text: str) -> None:
    visitor = as_user("admin")
    visitor.get("/lang/en")
    column = sheet_named("customers").column(name)
    with force_locale("en"):
        said = str(column.kind.parse([text]).problems[0].message)
    assert from_form(visitor, name, text) == [said]
