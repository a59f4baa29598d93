"""The words of the printed form, in Persian and in English.

The form "صورتحساب فروش کالا و خدمات" is prescribed by law in Persian: its words are data of the
form, as month names are data of the calendar, and do not pass through the catalogue. The English
column is for foreign readers. One table, so that a wording can be compared with the circular
at a glance.
"""

from __future__ import annotations

from app.core.money import Unit
from reports.documents.values import DocumentTitle, Relation

_TABLE: dict[str, tuple[str, str]] = {
    "serial": ("شماره سریال", "Serial"),
    "number": ("شماره", "Number"),
    "date": ("تاریخ", "Date"),
    "currency_note": ("مبالغ به {unit} است", "Amounts in {unit}"),
    "seller": ("مشخصات فروشنده", "Seller"),
    "buyer": ("مشخصات خریدار", "Buyer"),
    "name": ("نام شخص حقیقی/حقوقی", "Name"),
    "economic_code": ("شماره اقتصادی", "Economic code"),
    "national_id": ("شناسه/شماره ملی", "National ID"),
    "registration_number": ("شماره ثبت", "Registration no."),
    "province": ("استان", "Province"),
    "city": ("شهر", "City"),
    "postal_code": ("کد پستی ۱۰ رقمی", "Postal code"),
    "address": ("نشانی", "Address"),
    "phone": ("تلفن/نمابر", "Phone/fax"),
    "col_row": ("ردیف", "Row"),
    "col_code": ("کد کالا", "Code"),
    "col_description": ("شرح کالا یا خدمات", "Goods or services"),
    "col_quantity": ("تعداد/ مقدار", "Quantity"),
    "col_unit": ("واحد اندازه‌گیری", "Unit"),
    "col_unit_price": ("مبلغ واحد ({unit})", "Unit price ({unit})"),
    "col_gross": ("مبلغ کل ({unit})", "Amount ({unit})"),
    "col_discount": ("مبلغ تخفیف", "Discount"),
    "col_net": ("مبلغ کل پس از تخفیف ({unit})", "After discount ({unit})"),
    "col_tax": ("جمع مالیات و عوارض ({unit})", "Tax and duty ({unit})"),
    "col_payable": ("جمع مبلغ کل به‌علاوه جمع مالیات و عوارض ({unit})", "Amount with tax and duty ({unit})"),
    "carried_in": ("نقل از صفحهٔ قبل", "Carried from the page before"),
    "carried_out": ("جمع تا این صفحه", "Sum up to this page"),
    "sum": ("جمع کل", "Total"),
    "payable": ("مبلغ قابل پرداخت", "Payable"),
    "in_words": ("مبلغ قابل پرداخت به حروف", "Payable in words"),
    "terms": ("شرایط و نحوهٔ فروش", "Terms of sale"),
    "cash": ("نقدی", "Cash"),
    "credit": ("غیرنقدی", "Credit"),
    "due": ("سررسید", "Due"),
    "note": ("توضیحات", "Note"),
    "seller_sign": ("مهر و امضای فروشنده", "Seller's stamp and signature"),
    "buyer_sign": ("مهر و امضای خریدار", "Buyer's stamp and signature"),
    "page": ("صفحهٔ {page} از {pages}", "Page {page} of {pages}"),
    "verify": ("چکیدهٔ سند", "In short"),
    "unsigned": ("هنوز امضا نشده", "Not signed yet"),
    "changed": ("پس از امضا تغییر کرده", "Changed after signing"),
    "refused": ("امضا رد شد", "Refused to sign"),
    "behalf": ("از طرف {name}", "on behalf of {name}"),
    "mark_copy": ("رونوشت", "Copy"),
    "mark_buyer": ("اصل، نسخهٔ خریدار", "Original for the buyer"),
    "mark_seller": ("رونوشت، نسخهٔ فروشنده", "Copy for the seller"),
    "mark_draft": ("پیش‌نویس", "Draft"),
    "mark_void": ("باطل شد", "Void"),
    "return_of": ("برگشت از صورتحساب {number}", "Return of invoice {number}"),
    "voids": ("ابطال صورتحساب {number}", "Voids invoice {number}"),
    "voided_by": ("با سند {number} باطل شده است", "Voided by document {number}"),
    "supplier_number": ("شماره صورتحساب فروشنده", "Supplier's number"),
    "bank_accounts": ("حساب‌های بانکی", "Bank accounts"),
    "deliver_on": ("تاریخ تحویل", "Deliver by"),
    "col_made": ("ساخته‌شده", "Made"),
    "col_waste": ("ضایعات", "Waste"),
    "ordered_by": ("سفارش‌دهنده", "Ordered by"),
    "works": ("تحویل‌گیرنده در تولید", "Taken by the works"),
}

_ORDER_TITLES: dict[DocumentTitle, tuple[str, str]] = {
    DocumentTitle.SALES_ORDER: ("سفارش فروش", "Sales order"),
    DocumentTitle.PURCHASE_ORDER: ("سفارش خرید", "Purchase order"),
    DocumentTitle.PRODUCTION_ORDER: ("برگهٔ سفارش تولید", "Production order"),
}
"""No form of the law has them; they read the same on every paper."""

_TITLES: dict[DocumentTitle, tuple[str, str]] = {
    DocumentTitle.SALES: ("صورتحساب فروش کالا و خدمات", "Official sales invoice of goods and services"),
    DocumentTitle.SALES_RETURN: ("صورتحساب برگشت از فروش کالا و خدمات", "Sales return of goods and services"),
    DocumentTitle.PURCHASE: ("صورتحساب خرید کالا و خدمات", "Purchase invoice of goods and services"),
    DocumentTitle.PURCHASE_RETURN: ("صورتحساب برگشت از خرید کالا و خدمات", "Purchase return of goods and services"),
    DocumentTitle.PROFORMA: ("پیش‌فاکتور فروش کالا و خدمات", "Proforma of goods and services"),
    DocumentTitle.PURCHASE_PROFORMA: ("پیش‌فاکتور خرید کالا و خدمات", "Supplier's proforma of goods and services"),
    **_ORDER_TITLES,
}

_OWN: dict[str, tuple[str, str]] = {
    "name": ("نام", "Name"),
    "national_id": ("شناسهٔ ملی", "National ID"),
    "postal_code": ("کد پستی", "Postal code"),
    "phone": ("تلفن", "Phone"),
    "seller": ("فروشنده", "Seller"),
    "buyer": ("خریدار", "Buyer"),
    "col_description": ("شرح", "Description"),
    "col_quantity": ("تعداد", "Quantity"),
    "col_unit": ("واحد", "Unit"),
    "col_unit_price": ("فی ({unit})", "Price ({unit})"),
    "col_discount": ("تخفیف", "Discount"),
    "col_tax": ("مالیات و عوارض", "Tax and duty"),
    "col_payable": ("مبلغ ({unit})", "Amount ({unit})"),
}
"""Words that the company's own form says more shortly than the law does."""

_OWN_TITLES: dict[DocumentTitle, tuple[str, str]] = {
    DocumentTitle.SALES: ("فاکتور فروش", "Sales invoice"),
    DocumentTitle.SALES_RETURN: ("فاکتور برگشت از فروش", "Sales return"),
    DocumentTitle.PURCHASE: ("فاکتور خرید", "Purchase invoice"),
    DocumentTitle.PURCHASE_RETURN: ("فاکتور برگشت از خرید", "Purchase return"),
    DocumentTitle.PROFORMA: ("پیش‌فاکتور", "Proforma"),
    DocumentTitle.PURCHASE_PROFORMA: ("پیش‌فاکتور خرید", "Supplier's proforma"),
    **_ORDER_TITLES,
}

_UNITS: dict[Unit, tuple[str, str]] = {Unit.RIAL: ("ریال", "rials"), Unit.TOMAN: ("تومان", "tomans")}


def _column(locale: str) -> int:
    return 0 if locale.startswith("fa") else 1


class Labels:
    """The words of one form in one language; `labels["sum"]`."""

    def __init__(self, *, locale: str, unit: Unit, is_company: bool = False) -> None:
        self._at = _column(locale)
        self.unit = _UNITS[unit][self._at]
        self._table = _TABLE | _OWN if is_company else _TABLE
        self._titles = _OWN_TITLES if is_company else _TITLES

    def __getitem__(self, name: str) -> str:
        return self._table[name][self._at].replace("{unit}", self.unit)

    def relation(self, relation: Relation, number: str) -> str:
        """How the document stands to another one, by its number."""
        return self[relation].replace("{number}", number)

    def page(self, page: int, pages: int) -> str:
        return self["page"].format(page=page, pages=pages)

    def title(self, title: DocumentTitle | str) -> str:
        """The legal title of a kind, or a title given as text, unchanged."""
        return self._titles[title][self._at] if isinstance(title, DocumentTitle) else title
