"""Products: folded, checked, and shown with a picture made of pixels only."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from app.core import pictures
from app.core.actor import acting_as
from app.core.errors import Invalid, NotAllowed
from app.core.pictures import BadPicture, PictureTooLarge
from app.sales.catalog.models import ProductKind
from app.sales.catalog.pictures import set_picture
from app.sales.catalog.services import check_named, create_product, update_product
from tests.factories import EmployeeFactory, ProductFactory, UnitFactory
from tests.factories.acting import actor_with

ADD, EDIT = ("add", "sales.catalog"), ("edit", "sales.catalog")


@pytest.fixture
def clerk(session: Any) -> Any:
    with acting_as(actor_with(EmployeeFactory(), ADD, EDIT)) as actor:
        yield actor


def test_codes_are_folded_and_the_name_is_cleaned(clerk: Any) -> None:
    product = create_product(
        code=" ۱۲۳ ", name="شير  پرچرب", unit=UnitFactory(), barcode="٦٢٦١", tax_code="۲۷۲۰۰۰۰۰۰۰۰۱۳"
    )
    assert (product.code, product.name, product.barcode) == ("123", "شیر پرچرب", "6261")
    assert product.tax_code == "2720000000013"
    assert product.kind is ProductKind.GOODS
    assert product.name_sort


def test_all_bad_values_are_named_at_once(clerk: Any) -> None:
    ProductFactory(code="G", barcode="1")
    with pytest.raises(Invalid) as refused:
        create_product(
            code="G", name=" ", unit=UnitFactory(), barcode="1", tax_code="12", price_rials=-1, duty_code="none"
        )
    paths = {error.path for error in refused.value.errors}
    assert paths == {"code", "name", "barcode", "tax_code", "price_rials", "duty_code"}


def test_a_product_keeps_its_own_code(clerk: Any) -> None:
    product = ProductFactory(code="G", barcode="1")
    assert update_product(product, name="نام تازه").name == "نام تازه"


def test_who_may_not_add_or_edit_changes_nothing(session: Any) -> None:
    product = ProductFactory()
    with acting_as(actor_with(EmployeeFactory(), ("list", "sales.catalog"))):
        with pytest.raises(NotAllowed):
            create_product(code="X", name="X", unit=product.unit)
        with pytest.raises(NotAllowed):
            update_product(product, name="X")
        with pytest.raises(NotAllowed):
            set_picture(product, picture_bytes())


def test_a_unit_needs_a_code_of_its_own(session: Any) -> None:
    UnitFactory(code="own")
    unit = UnitFactory.build(code="own", name="")
    with pytest.raises(Invalid) as refused:
        check_named(unit)
    assert {error.path for error in refused.value.errors} == {"code", "name"}


# Pictures --------------------------------------------------------------------------------------


def picture_bytes(size: tuple[int, int] = (2000, 1000), form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form, **options)
    return out.getvalue()


def test_a_picture_is_encoded_anew_without_what_it_carried(clerk: Any) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    uploaded = picture_bytes(exif=exif) + b"<script>alert(1)</script>"
    picture = set_picture(ProductFactory(), uploaded)
    assert (picture.width, picture.height) == (1200, 600)
    assert picture.media_type == "image/webp"
    for stored in (picture.content, picture.thumbnail):
        assert b"secret words" not in stored
        assert b"script" not in stored
    assert max(Image.open(io.BytesIO(picture.thumbnail)).size) == 160


def test_a_second_picture_takes_the_place_of_the_first(clerk: Any, session: Any) -> None:
    product = ProductFactory()
    first = set_picture(product, picture_bytes())
    second = set_picture(product, picture_bytes((10, 10), "PNG"))
    assert first.id == second.id
    assert second.width == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture_bytes()[:300]],
    ids=["empty", "text", "pdf", "svg", "cut off"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(BadPicture):
        pictures.decoded(content)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    bomb = picture_bytes((9000, 9000), "PNG")
    assert len(bomb) < 1_000_000
    with pytest.raises(PictureTooLarge):
        pictures.decoded(bomb)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PictureTooLarge):
        pictures.decoded(picture_bytes(), largest=10)
