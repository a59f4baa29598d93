"""Plausible invoices to print: Persian goods with Latin model names, pictures made on the spot."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from app.core.money import words
from reports.documents.values import (
    DocumentTitle,
    InvoicePrint,
    PartyBlock,
    PaymentTerms,
    PrintAdjustment,
    PrintLine,
    SignatureSlot,
    sum_lines,
)

SELLER = PartyBlock(
    name="شرکت پارس رایانهٔ البرز (سهامی خاص)",
    economic_code="10380284790",
    national_id="10380284790",
    registration_number="284751",
    province="تهران",
    city="تهران",
    postal_code="1514736312",
    address="خیابان شهید بهشتی، خیابان صابونچی، کوچهٔ دوم، پلاک 14، واحد 8",
    phone="021-88776655",
)
BUYER = PartyBlock(
    name="فروشگاه‌های زنجیره‌ای کاوه ـ شعبهٔ اصفهان",
    economic_code="10840096498",
    national_id="10840096498",
    registration_number="9649",
    province="اصفهان",
    city="اصفهان",
    postal_code="8165847112",
    address="چهارباغ بالا، مجتمع تجاری پارسیان، طبقهٔ 3، واحد 312",
    phone="031-36612345",
)
GOODS: tuple[tuple[str, str, str, str, int, int], ...] = (
    ("PRN-0404", "پرینتر لیزری HP M404dn", "عدد", "2", 185_000_000, 5),
    ("TNR-059A", "کارتریج تونر مشکی HP 59A (CF259A) اصلی", "عدد", "6", 42_500_000, 0),
    ("110245", "کاغذ A4 کپی‌مکس ۸۰ گرمی، بستهٔ 500 برگی", "بسته", "40", 3_350_000, 3),
    ("MON-27Q", "نمایشگر ۲۷ اینچ سامسونگ مدل Odyssey G5 با کابل HDMI دو متری", "دستگاه", "3", 214_900_000, 0),
    ("CBL-C6", "کابل شبکهٔ Cat6 SFTP روکش LSZH", "متر", "152.5", 285_000, 0),
    ("SRV-01", "نصب و راه‌اندازی شبکه، پیکربندی Mikrotik RB4011 و آموزش کاربران", "ساعت", "7.25", 12_000_000, 0),
    ("KBD-120", "صفحه‌کلید بی‌سیم Logitech MK270", "عدد", "5", 21_345_000, 10),
    ("SSD-1T", "حافظهٔ SSD اینترنال Samsung 980 PRO ظرفیت 1 ترابایت", "عدد", "4", 98_750_000, 0),
    ("7781", "پوشهٔ دکمه‌دار می‌شود ـ رنگی", "عدد", "11", 777_777, 0),
    ("UPS-1K", "یو پی اس ۱۰۰۰ ولت‌آمپر Faratel", "دستگاه", "1", 156_780_000, 0),
)


def picture(kind: str = "stamp") -> str:
    """A stamp or a signature as a data URI."""
    image = Image.new("RGBA", (360, 220), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    if kind == "stamp":
        draw.ellipse((70, 10, 270, 210), outline=(30, 60, 160, 255), width=8)
        draw.ellipse((100, 40, 240, 180), outline=(30, 60, 160, 255), width=4)
    else:
        points = [(20, 150), (80, 60), (110, 160), (160, 40), (190, 150), (250, 90), (340, 120)]
        draw.line(points, fill=(20, 20, 60, 255), width=7, joint="curve")
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def print_line(at: int = 0, **changes: Any) -> PrintLine:
    """A line of the goods above, its figures by the rule of the law: floor, 10 per cent."""
    code, description, unit, quantity, price, percent = GOODS[at % len(GOODS)]
    gross = int(Decimal(quantity) * price)
    discount = gross * percent // 100
    net = gross - discount
    line = PrintLine(
        code=code,
        description=description,
        unit=unit,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        gross_rials=gross,
        discount_rials=discount,
        net_rials=net,
        tax_rials=net // 10,
        payable_rials=net + net // 10,
    )
    return replace(line, **changes)


def invoice_print(count: int = 15, *, lines: tuple[PrintLine, ...] | None = None, **changes: Any) -> InvoicePrint:
    """An issued invoice of so many lines; anything else by keyword."""
    lines = tuple(print_line(at) for at in range(count)) if lines is None else lines
    adjustments = changes.pop("adjustments", ())
    payable = sum_lines(lines).payable_rials + sum(row.amount_rials for row in adjustments)
    values: dict[str, Any] = {
        "seller": SELLER,
        "buyer": BUYER,
        "number": "1405-128",
        "serial": "10000128",
        "issued_on": date(2026, 11, 1),
        "amount_in_words": words(payable),
        "title": DocumentTitle.SALES,
        "terms": PaymentTerms.CREDIT,
        "due_on": date(2026, 12, 1),
        "note": "تحویل در محل خریدار. گارانتی ۱۸ ماهه؛ تماس پشتیبانی: 021-88776655",
        **changes,
    }
    return InvoicePrint(lines=lines, adjustments=tuple(adjustments), payable_rials=payable, **values)


def full_invoice(count: int = 15, **changes: Any) -> InvoicePrint:
    """An invoice with everything on it: freight, a deduction, signatures, stamp, square code."""
    signed = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    values: dict[str, Any] = {
        "adjustments": (PrintAdjustment("کرایهٔ حمل", 18_500_000), PrintAdjustment("کسر بابت پیش‌پرداخت", -50_000_000)),
        "signatures": (
            SignatureSlot("تنظیم‌کننده", "مریم احمدی", "کارشناس فروش", signed, picture("signature")),
            SignatureSlot("مدیر فروش", "علی رضایی", "مدیر فروش"),
        ),
        "stamp": picture(),
        "qr": "https://example.ir/check/7f3a9c",
        **changes,
    }
    return invoice_print(count, **values)
