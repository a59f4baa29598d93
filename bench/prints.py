"""Many invoices printed by one job, as one PDF, as a zip of PDFs and as a workbook: documents a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench.ground import Figure, application

COUNT = 500


def run(kind: str, scale: float) -> Iterator[Figure | str]:
    """The figures of the table; a sentence for what came out wrong."""
    from pypdf import PdfReader

    from app.core import jobs
    from app.core.actor import Actor, acting_as
    from app.core.db import db, writing
    from app.demo.build import build
    from app.finance.invoices.models import SalesInvoice
    from reports.documents.jobs import print_invoices
    from reports.tabular.jobs import folder

    count = max(20, int(COUNT * scale))
    with application(kind, "bench_prints"):
        build(customers=100, invoices=count, seed=1403)
        ids = [row.id for row in db.session.query(SalesInvoice.id).order_by(SalesInvoice.id).limit(count)]
        db.session.rollback()
        for output, style in (("pdf", "official"), ("pdf", "company"), ("zip", "official"), ("sheets", "official")):
            options = {"style": style, "paper": "a4", "orientation": "landscape", "copies": "plain"}
            with acting_as(Actor.system("bench")), writing():
                job = jobs.enqueue(
                    print_invoices, subject="finance.invoices", invoice_ids=ids, options=options, output=output
                )
                job_id = job.id
                db.session.commit()
            begun = time.perf_counter()
            jobs.work_off()
            took = time.perf_counter() - begun
            db.session.expire_all()
            done = db.session.get_one(jobs.Job, job_id)
            if done.state is not jobs.JobState.DONE:
                yield f"{output}: {done.error_message}"
                continue
            size = next(folder().glob(f"{job_id}.*")).stat().st_size
            note = f"{len(ids)} invoices, {size / 1e6:.1f} MB"
            if output == "pdf":
                pages = len(PdfReader(Path(next(folder().glob(f"{job_id}.*")))).pages)
                note += f", {pages} pages"
                if pages < len(ids):
                    yield f"{pages} pages for {len(ids)} invoices"
            yield Figure(kind, f"print as {output}, {style} form", len(ids) / took, "/s", note=note)
