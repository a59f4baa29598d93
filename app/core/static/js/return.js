// The page of a return: quantities and refunds go to the server, which answers what they come to.
import { grouped, localize, plainNumber, toAscii } from "./numbers.js";

const data = JSON.parse(document.getElementById("return-data").textContent);
const { words, urls } = data;
const root = document.getElementById("return-editor");
const live = document.getElementById("return-live");
const box = document.getElementById("return-errors");
const csrf = document.querySelector('meta[name="csrf-token"]')?.content || "";
const rows = [...root.querySelectorAll("[data-line]")];
let dirty = false;
let turn = 0;
let timer;

const number = (text) => plainNumber(text) ?? toAscii(text);

async function send(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
    body: JSON.stringify(body),
  });
  return { ok: response.ok, json: await response.json().catch(() => ({})) };
}

function entry() {
  const fields = {};
  for (const field of root.querySelectorAll("[data-field]")) fields[field.dataset.field] = field.value;
  return {
    ...fields,
    id: data.id,
    original_id: data.original_id,
    version: data.version,
    lines: rows.map((row) => ({
      original_line_id: Number(row.dataset.line),
      quantity: number(row.querySelector("[data-quantity]").value) || "0",
      condition: row.querySelector("[data-condition]").value,
    })),
    additions: [...root.querySelectorAll("[data-refund]")].map((field) => ({ name: field.dataset.refund, amount: number(field.value) || "0" })),
  };
}

/** The field of an error's path, and how the sentence names it. */
function place(path) {
  const line = /^lines\[(\d+)\]/.exec(path);
  if (line) return { field: rows[Number(line[1])]?.querySelector("[data-quantity]"), where: words.row.replace("{row}", localize(Number(line[1]) + 1)) };
  const refund = /^additions\[(\d+)\]/.exec(path);
  const field = refund ? root.querySelectorAll("[data-refund]")[Number(refund[1])] : root.querySelector(`[data-field="${path}"]`);
  return { field, where: field?.labels?.[0]?.firstChild.textContent.trim() ?? "" };
}

function showErrors(errors) {
  for (const field of root.querySelectorAll(".is-invalid")) { field.classList.remove("is-invalid"); field.removeAttribute("aria-invalid"); }
  box.replaceChildren(...errors.slice(0, 8).map((error) => {
    const { field, where } = place(error.path);
    field?.classList.add("is-invalid");
    field?.setAttribute("aria-invalid", "true");
    const item = document.createElement("li");
    item.textContent = where ? `${where}: ${error.message}` : error.message;
    return item;
  }));
  box.hidden = errors.length === 0;
}

function showFigures(found) {
  for (const row of rows) row.querySelector("[data-amount]").textContent = grouped(found.lines?.[row.dataset.line]?.payable ?? "0");
  for (const cell of document.querySelectorAll("[data-total]")) {
    const value = found[cell.dataset.total] ?? "0";
    cell.textContent = cell.dataset.total === "words" ? found.words ?? "" : grouped(value);
  }
}

const isEmpty = (body) => body.lines.every((line) => /^0*\.?0*$/.test(line.quantity));

async function recompute() {
  const mine = (turn += 1);
  const body = entry();
  if (isEmpty(body)) { showFigures({}); showErrors([]); return; }
  // While it is being typed a missing reason is no error yet.
  const answer = await send(urls.preview, { ...body, reason: body.reason || "…" }).catch(() => null);
  if (!answer || mine !== turn) return;
  if (answer.ok) { showFigures(answer.json); showErrors([]); } else showErrors(answer.json.errors ?? []);
}

function changed() {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(recompute, 200);
}

function fill(value) {
  for (const row of rows) {
    const field = row.querySelector("[data-quantity]");
    if (!field.disabled) field.value = value(row);
  }
}

function say(text, tone = "info") {
  live.textContent = text;
  live.dataset.tone = tone;
  live.hidden = !text;
}

async function save() {
  const button = document.getElementById("return-save");
  button.disabled = true;
  say(words.saving);
  try {
    const answer = await send(urls.save, entry());
    if (answer.ok) { dirty = false; window.location.assign(answer.json.url); return; }
    showErrors(answer.json.errors ?? []);
    root.querySelector(".is-invalid")?.focus();
    say(answer.json.message || words.failed, "bad");
  } catch {
    say(words.offline, "bad");
  } finally {
    button.disabled = false;
  }
}

document.getElementById("return-whole").addEventListener("click", () => {
  fill((row) => row.dataset.left);
  for (const field of root.querySelectorAll("[data-refund]")) field.value = field.dataset.left;
  changed();
});
document.getElementById("return-nothing").addEventListener("click", () => {
  fill(() => "");
  for (const field of root.querySelectorAll("[data-refund]")) field.value = "";
  changed();
});
document.getElementById("return-save").addEventListener("click", save);
root.addEventListener("input", changed);
root.addEventListener("change", changed);
root.addEventListener("keydown", (event) => {
  // Enter and the arrows go from quantity to quantity, as in a column of figures.
  const step = { ArrowDown: 1, ArrowUp: -1, Enter: event.shiftKey ? -1 : 1 }[event.key];
  if (!step || !event.target.matches("[data-quantity]")) return;
  event.preventDefault();
  const fields = [...root.querySelectorAll("[data-quantity]:not(:disabled)")];
  fields[fields.indexOf(event.target) + step]?.focus();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && (event.key === "s" || event.code === "KeyS")) { event.preventDefault(); save(); }
});
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
recompute();
