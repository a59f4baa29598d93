// The editor of a document: header fields, a keyboard grid of lines, totals from the server's own
// engine, and a save that names every bad field. Words and addresses come from #document-data.
import { ask } from "./form.js";
import { Grid } from "./grid.js";
import { lookupEditor, textEditor } from "./grid_editors.js";
import { grouped, localize, plainNumber, runs, toAscii } from "./numbers.js";

const data = JSON.parse(document.getElementById("document-data").textContent);
const { words, urls } = data;
const root = document.getElementById("document-editor");
const live = document.getElementById("document-live");
const csrf = document.querySelector('meta[name="csrf-token"]')?.content || "";
const NOTHING = { gross: "0", discount: "0", net: "0", tax: "0", additions: "0", payable: "0", words: "" };
const more = []; // what further parts of the page add to the entry
let keys = 0;
let dirty = false;
let turn = 0;
let timer;

const amount = (cell) => `<bdi dir="ltr" class="num">${grouped(cell.getValue() ?? "")}</bdi>`;
const plain = (cell) => runs(cell.getValue() ?? "");
const number = (value) => plainNumber(value) ?? toAscii(value);

async function send(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const json = await response.json().catch(() => ({}));
  return { status: response.status, ok: response.ok, json };
}

function newRow(line = {}) {
  keys += 1;
  const discount = line.discounts?.[0];
  return {
    key: keys,
    line_id: line.line_id ?? null,
    product_id: line.product_id ?? null,
    product: line.product_id ? `${line.product_code} ${line.description}` : line.description ?? "",
    description: line.description ?? "",
    unit_id: line.unit_id ?? null,
    unit: line.unit ?? "",
    quantity: line.quantity ?? "",
    unit_price: line.unit_price ?? "",
    discount: discount ? (discount.percent ? `${discount.percent}%` : discount.amount) : "",
    more_discounts: line.discounts?.slice(1) ?? [],
    is_free: line.is_free === true,
    taxes: line.taxes ?? null,
    tax: line.taxes ? rateText(line.taxes) : "",
    payable: line.payable ?? "",
  };
}

const rateText = (taxes) => taxes.map((tax) => `${tax.percent}%`).join("+");
const isBlank = (row) => !row.product && !row.quantity && !row.unit_price;

/** "10%" or "10٪" is a percent, a bare number an amount in rials. */
function discountOf(row) {
  const text = toAscii(row.discount ?? "").replace(/٪/g, "%").trim();
  if (text === "") return row.more_discounts;
  const first = text.endsWith("%") ? { percent: plainNumber(text.slice(0, -1)) ?? text } : { amount: plainNumber(text) ?? text };
  return [first, ...row.more_discounts];
}

function lineOf(row) {
  const switched = header("prices_include_tax");
  const kept = switched === Boolean(data.document.prices_include_tax);
  const taxes = (row.taxes ?? data.default_taxes).map((tax) => ({ ...tax, included: kept && tax.included !== undefined ? tax.included : switched }));
  return {
    line_id: row.line_id,
    product_id: row.product_id,
    description: row.product_id ? row.description : row.product,
    unit_id: row.unit_id,
    quantity: number(row.quantity || "1"),
    unit_price: number(row.unit_price || "0"),
    discounts: row.is_free ? [] : discountOf(row),
    is_free: row.is_free,
    taxes,
  };
}

function header(name) {
  const field = root.querySelector(`[data-field="${name}"]`);
  if (!field) return data.document[name];
  if (field.type === "checkbox") return field.checked;
  return field.dataset.number === undefined ? field.value : number(field.value);
}

function adjustments() {
  const stored = data.document.discounts ?? [];
  const discounts = [];
  const text = toAscii(header("document_discount") ?? "").replace(/٪/g, "%").trim();
  if (text) discounts.push(text.endsWith("%") ? { percent: text.slice(0, -1).trim() } : { amount: number(text) });
  if (discounts.length && stored[0]?.of) discounts[0].of = stored[0].of;
  discounts.push(...stored.slice(1)); // the page edits the first one, the others stay
  const additions = [];
  for (const box of root.querySelectorAll("[data-addition]")) {
    const value = number(box.value);
    if (value && value !== "0") {
      additions.push({ name: box.dataset.addition, amount: value, sign: Number(box.dataset.sign || 1), taxed: box.dataset.taxed === "true" });
    }
  }
  return { discounts, additions };
}

function entry() {
  const rows = grid.rows.filter((row) => !isBlank(row));
  const fields = {};
  for (const field of root.querySelectorAll("[data-field]")) fields[field.dataset.field] = header(field.dataset.field);
  for (const add of more) Object.assign(fields, add());
  return { ...fields, version: data.document.version, policy: header("policy") || data.document.policy, lines: rows.map(lineOf), ...adjustments() };
}

function place(path) {
  const found = /^lines\[(\d+)\](?:\.(\w+))?/.exec(path);
  if (!found) return null;
  const full = grid.rows.map((row, at) => [row, at]).filter(([row]) => !isBlank(row)).map(([, at]) => at);
  const field = { discounts: "discount", taxes: "tax", description: "product", product_id: "product" }[found[2]] ?? found[2] ?? "product";
  return { row: full[Number(found[1])], field };
}

function showErrors(errors) {
  const cells = [];
  const rest = [];
  for (const field of root.querySelectorAll(".is-invalid")) field.classList.remove("is-invalid");
  for (const error of errors) {
    const at = place(error.path);
    const field = root.querySelector(`[data-field="${error.path.split(/[.[]/)[0]}"]`);
    if (at?.row !== undefined && grid.fields().includes(at.field)) cells.push({ ...at, message: error.message });
    else if (field) (field.tomselect?.wrapper ?? field).classList.add("is-invalid");
    const where = at?.row !== undefined ? words.row.replace("{row}", localize(at.row + 1)) : field?.labels?.[0]?.textContent.trim() ?? "";
    rest.push(where ? `${where}: ${error.message}` : error.message);
  }
  grid.mark(cells);
  const box = document.getElementById("document-errors");
  box.hidden = rest.length === 0;
  box.replaceChildren(...rest.slice(0, 8).map((text) => { const item = document.createElement("li"); item.textContent = text; return item; }));
}

function showTotals(totals) {
  const full = grid.table.getRows().filter((row) => !isBlank(row.getData()));
  grid.quiet = true;
  totals.lines.forEach((line, at) => full[at]?.update({ payable: line.payable }));
  grid.quiet = false;
  const sum = (name) => totals.lines.reduce((all, line) => all + BigInt(line[name]), 0n).toString();
  const figures = { gross: sum("gross"), discount: sum("discount"), net: totals.net, tax: totals.tax, additions: totals.additions, payable: totals.payable };
  showFigures({ ...figures, words: totals.words ?? "" });
}

function showFigures(figures) {
  for (const [name, value] of Object.entries(figures)) {
    for (const box of document.querySelectorAll(`[data-total="${name}"]`)) box.textContent = name === "words" ? value : grouped(value);
  }
  root.dispatchEvent(new CustomEvent("totals", { detail: figures }));
}

async function recompute() {
  const mine = (turn += 1);
  const body = entry();
  if (body.lines.length === 0) { showErrors([]); showFigures(NOTHING); return; }
  const answer = await send(urls.preview, body);
  if (mine !== turn) return;
  if (answer.ok) { showTotals(answer.json); showErrors([]); } else if (answer.json.errors) showErrors(answer.json.errors);
}

function changed() {
  dirty = true;
  root.classList.add("is-dirty");
  clearTimeout(timer);
  timer = setTimeout(recompute, 150);
}

function say(text, tone = "info") {
  live.textContent = text;
  live.dataset.tone = tone;
  live.hidden = !text;
}

function takeProduct(row, product) {
  const value = row.getData();
  row.update({
    product_id: product.id, product: `${product.code} ${product.name}`, description: product.name,
    unit_id: product.unit_id, unit: product.unit, taxes: product.taxes, tax: rateText(product.taxes),
    unit_price: value.unit_price || product.price || "", quantity: value.quantity || "1",
  });
}

const day = () => root.querySelector("[data-prices-on]")?.value || header("invoice_on"); // prices and taxes are those of this day
const query = (names) => new URLSearchParams(names);

async function lookProducts(text) {
  const response = await fetch(`${urls.products}?${query({ q: text, customer_id: header("customer_id") || "", on: day() || "" })}`);
  return response.ok ? (await response.json()).results : [];
}

/** Names or codes that came by paste are found in one question. */
async function resolvePasted({ row, count }) {
  const rows = grid.table.getRows().slice(row, row + count).filter((r) => r.getData().product && !r.getData().product_id);
  if (rows.length === 0) return;
  const answer = await send(urls.resolve, { texts: rows.map((r) => r.getData().product), customer_id: header("customer_id"), on: day() });
  if (!answer.ok) return;
  grid.together(() => rows.forEach((r, at) => { if (answer.json.found[at]) takeProduct(r, answer.json.found[at]); }));
}

function columns(grid_) {
  const numeric = textEditor(grid_, number);
  const when = (editor) => (data.read_only ? undefined : editor);
  return [
    { field: "key", title: "#", formatter: (cell) => localize(cell.getRow().getPosition()), width: 46, hozAlign: "center", resizable: false, cssClass: "grid-head" },
    {
      field: "product", title: words.product, minWidth: 220, widthGrow: 4, formatter: plain,
      editor: when(lookupEditor(grid_, {
        look: lookProducts,
        pick: (cell, product) => {
          if (product) takeProduct(cell.getRow(), product);
          else cell.getRow().update({ product_id: null, description: cell.getValue(), taxes: null });
          changed();
        },
      })),
    },
    { field: "unit", title: words.unit, minWidth: 104, formatter: plain },
    { field: "quantity", title: words.quantity, minWidth: 84, hozAlign: "right", headerHozAlign: "right", formatter: amount, editor: when(numeric) },
    { field: "unit_price", title: words.unit_price, minWidth: 130, hozAlign: "right", headerHozAlign: "right", formatter: amount, editor: when(numeric) },
    { field: "discount", title: words.discount, minWidth: 100, hozAlign: "right", headerHozAlign: "right", formatter: (cell) => { if (cell.getRow().getData().is_free) return `<span class="badge tone-info">${words.free}</span>`; const v = String(cell.getValue() ?? ""); return v.endsWith("%") ? `<bdi dir="ltr" class="num">${localize(v.replace("%", data.percent_sign))}</bdi>` : amount(cell); }, editor: when(textEditor(grid_, (v) => toAscii(v).trim())) },
    { field: "tax", title: words.tax, minWidth: 74, hozAlign: "right", headerHozAlign: "right", formatter: plain },
    { field: "payable", title: words.payable, minWidth: 150, hozAlign: "right", headerHozAlign: "right", formatter: amount, cssClass: "grid-sum" },
  ];
}

const lines = data.document.lines?.length ? data.document.lines.map(newRow) : [newRow()];
const grid = new Grid(document.getElementById("document-grid"), {
  build: columns, rows: lines, newRow: () => newRow(), changed, readers: { quantity: number, unit_price: number }, readOnly: data.read_only,
});

/** Goods given for nothing: the mark of the line that is worked on, put on or taken off. */
function toggleFree() {
  const row = grid.activeCell()?.getRow();
  if (!row) return;
  row.update({ is_free: !row.getData().is_free }).then(() => { row.reformat(); changed(); });
}

async function save(confirmed = false) {
  const button = document.getElementById("document-save");
  button.disabled = true;
  say(words.saving);
  clearTimeout(timer); // a preview that comes later would take away what the save says
  turn += 1;
  try {
    const answer = await send(urls.save, confirmed ? { ...entry(), is_confirmed: true } : entry());
    if (answer.json.code === "alike" && !confirmed) {
      say("");
      if (await ask(answer.json.message, { ok: words.save_anyway })) await save(true);
      return;
    }
    if (answer.ok) { dirty = false; window.location.assign(answer.json.url); return; }
    if (answer.json.errors) showErrors(answer.json.errors);
    say(answer.json.message || words.failed, "bad");
  } catch {
    say(words.offline, "bad");
  } finally {
    button.disabled = false;
  }
}

if (!data.read_only) {
  document.getElementById("document-save").addEventListener("click", () => save());
  document.getElementById("line-add")?.addEventListener("click", () => { grid.moveTo(grid.addRow(), "product"); });
  document.getElementById("line-remove")?.addEventListener("click", () => grid.removeActive());
  document.getElementById("line-free")?.addEventListener("click", toggleFree);
  root.addEventListener("input", (event) => { if (event.target.closest("[data-field],[data-addition]")) changed(); });
  root.addEventListener("change", (event) => { if (event.target.closest("[data-field],[data-addition]")) changed(); });
  grid.element.addEventListener("pasted", (event) => resolvePasted(event.detail));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && (event.key === "s" || event.code === "KeyS")) { event.preventDefault(); save(); }
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}
// A stored document shows what was stored; only what is worked on is worked out anew.
grid.ready().then(() => { grid.moveTo(0, "product"); if (!data.read_only) recompute(); });
window.kartablDocument = { grid, entry, more, changed, send, words, document: data.document, readOnly: data.read_only, urls };
