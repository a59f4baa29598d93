"""Identity numbers of people, companies, accounts and telephones."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import identity
from app.core.digits import to_persian
from app.core.identity import EconomicCodeKind, InvalidPhone, normalize_phone
from app.core.identity_bulk import check_legal_ids, check_national_ids, normalize_phones

TEN = st.text("0123456789", min_size=10, max_size=10)
ELEVEN = st.text("0123456789", min_size=11, max_size=11)


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("0499370899", True),
        ("0790419904", True),
        ("0076229645", True),
        ("0684159414", True),
        ("0684159415", False),
        ("1111111111", True),
        ("0000000000", False),
        ("1230000002", False),
        ("۰۴۹۹۳۷۰۸۹۹", True),
        ("049-937089-9", True),
        ("499370899", True),
        (499370899, True),
        (499370899.0, True),
        ("76229645", True),
        ("9937089", False),
        ("04993708990", False),
        ("049937089²", False),
        ("", False),
        ("abcdefghij", False),
    ],
)
def test_national_id_is_checked_by_its_last_digit(number: str | int, valid: bool) -> None:
    assert identity.valid_national_id(number) is valid
    assert check_national_ids([number])[1] == [None if valid or number == "" else "national_id"]


def test_six_zeros_in_the_middle_are_refused_although_the_sum_passes() -> None:
    passing = [f"123000000{digit}" for digit in range(10)]
    assert not any(map(identity.valid_national_id, passing))


def test_leading_zeros_come_back() -> None:
    assert identity.normalize_national_id("76229645") == "0076229645"
    assert identity.normalize_national_id(" ۴۹۹۳۷۰۸۹۹ ") == "0499370899"
    assert identity.normalize_national_id("نامعتبر") == "نامعتبر"


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("10380284790", True),
        ("10840096498", True),
        ("14000405500", True),
        ("10380285692", False),
        ("۱۰۳۸۰۲۸۴۷۹۰", True),
        ("1038028479", False),
        ("1038028479²", False),
    ],
)
def test_legal_id_is_checked_by_its_last_digit(number: str, valid: bool) -> None:
    assert identity.valid_legal_id(number) is valid
    assert check_legal_ids([number])[1] == [None if valid else "legal_id"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("10380284790", EconomicCodeKind.LEGAL),
        ("04993708990001", EconomicCodeKind.NATURAL),
        ("411111111111", EconomicCodeKind.OLD),
        ("10380285692", None),
        ("0499370899", None),
    ],
)
def test_economic_code_tells_whose_it_is(code: str, kind: EconomicCodeKind | None) -> None:
    assert identity.economic_code_kind(code) is kind
    assert identity.valid_economic_code(code) is (kind is not None)


@pytest.mark.parametrize(
    ("sheba", "valid"),
    [
        ("IR062960000000100324200001", True),
        ("IR820540102680020817909002", True),
        ("IR550560082180002008117001", False),
        ("ir82 0540 1026 8002 0817 9090 02", True),
        ("820540102680020817909002", True),
        ("DE820540102680020817909002", False),
        ("IR82054010268002081790900", False),
        ("", False),
    ],
)
def test_sheba_leaves_one_by_97(sheba: str, valid: bool) -> None:
    assert identity.valid_sheba(sheba) is valid


def test_sheba_is_stored_with_its_country() -> None:
    assert identity.normalize_sheba("۸۲۰۵۴۰۱۰۲۶۸۰۰۲۰۸۱۷۹۰۹۰۰۲") == "IR820540102680020817909002"


@given(st.sampled_from(["IR062960000000100324200001", "IR820540102680020817909002"]), st.integers(2, 25), st.data())
def test_one_wrong_digit_of_a_sheba_is_always_found(sheba: str, place: int, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != sheba[place]]))
    assert not identity.valid_sheba(sheba[:place] + other + sheba[place + 1 :])


@pytest.mark.parametrize(
    ("card", "valid"),
    [
        ("4111111111111111", True),
        ("4111-1111-1111-1111", True),
        ("۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱", True),
        ("4111111111111112", False),
        ("411111111111111", False),
        ("0000000000000000", False),
    ],
)
def test_card_is_checked_by_luhn(card: str, valid: bool) -> None:
    assert identity.valid_card(card) is valid


def test_sayad_and_postal_code_are_counted_digits() -> None:
    assert identity.valid_sayad("1234 5678 9012 3456")
    assert not identity.valid_sayad("123456789012345")
    assert identity.valid_postal_code("۱۲۳۴۵-۶۷۸۹۰")
    assert not identity.valid_postal_code("123456789")
    assert identity.normalize_postal_code("۱۲۳۴۵-۶۷۸۹۰") == "1234567890"


@pytest.mark.parametrize(
    "typed",
    [
        "09123456789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "+98 912 345 6789",
        "+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹",
        "0912-345-6789",
        "00989123456789",
        "989123456789",
        "9123456789",
        9123456789,
        9123456789.0,
    ],
)
def test_one_mobile_number_has_many_writings(typed: str | float) -> None:
    assert normalize_phone(typed) == "+989123456789"
    assert normalize_phones([typed]) == (["+989123456789"], [None])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("021-88776655", "+982188776655"),
        ("(۰۲۱) ۸۸۷۷۶۶۵۵", "+982188776655"),
        ("+49 30 901820", "+4930901820"),
        ("0049 30 901820", "+4930901820"),
    ],
)
def test_landlines_and_foreign_numbers_are_stored_in_e164(typed: str, stored: str) -> None:
    assert normalize_phone(typed) == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("0912345678", "phone_invalid"),
        ("091234567890", "phone_invalid"),
        ("88776655", "phone_invalid"),
        ("0912345678²", "phone_invalid"),
        ("0912CALLNOW", "phone_invalid"),
        ("09123456789 - 09121111111", "phone_invalid"),
        ("1880", "phone_invalid"),
        ("نامعلوم", "phone_invalid"),
        ("02188776655 داخلی 12", "phone_extension"),
        ("021 88776655 ext 12", "phone_extension"),
        ("", "phone_empty"),
        (" - ", "phone_empty"),
    ],
)
def test_what_is_no_telephone_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(InvalidPhone) as refused:
        normalize_phone(typed)
    assert refused.value.reason == refused.value.code == reason
    assert not identity.valid_phone(typed)


@given(st.integers(9 * 10**9, 10**10 - 1) | st.integers(10**9, 9 * 10**9))
def test_the_short_roads_of_columns_agree_with_the_library(number: int) -> None:
    known = phonenumbers.is_valid_number(phonenumbers.PhoneNumber(country_code=98, national_number=number))
    assert identity.valid_phone(f"0{number}") is known
    assert normalize_phones([f"0{number}"])[1] == [None if known else "phone_invalid"]


@given(st.lists(TEN | ELEVEN | st.none() | st.text(max_size=12)))
def test_columns_are_judged_as_single_values_are(values: list[str | None]) -> None:
    for check, normalize, valid, reason in (
        (check_national_ids, identity.normalize_national_id, identity.valid_national_id, "national_id"),
        (check_legal_ids, identity.normalize_legal_id, identity.valid_legal_id, "legal_id"),
    ):
        found, reasons = check(values)
        assert found == [normalize(value) or None if value else None for value in values]
        assert reasons == [reason if text and not valid(text) else None for text in found]


@given(TEN)
def test_a_national_id_reads_the_same_in_persian_digits(number: str) -> None:
    assert identity.valid_national_id(to_persian(number)) is identity.valid_national_id(number)


@given(TEN.filter(identity.valid_national_id), st.integers(0, 9), st.data())
def test_one_wrong_digit_of_a_national_id_changes_the_check_digit(number: str, place: int, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    slipped = number[:place] + other + number[place + 1 :]
    # remainders 0 and 1 and check digits of 10 leave gaps: only a remainder of 10 shares digit 1 with one of 1
    rests = {sum(int(d) * (10 - i) for i, d in enumerate(n[:9])) % 11 for n in (number, slipped)}
    assert not identity.valid_national_id(slipped) or rests == {1, 10}
