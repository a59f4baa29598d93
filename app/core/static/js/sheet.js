// A list as a sheet: reads windows of rows, keeps what is typed until it is saved, and saves it at once.
import { ask } from "./form.js";
import { grouped, localize, plainNumber } from "./numbers.js";
import { editorOf, formatter, isNumeric, readerOf, rowHeader } from "./sheet_cells.js";
import { settle } from "./sheet_conflicts.js";
import { ROW, SheetGrid } from "./sheet_grid.js";
import { startRail } from "./sheet_rail.js";
import { Edits, Window } from "./sheet_rows.js";

const NEAR = 60; // rows before the end of the window at which more are read
const CHECK_AFTER = 500; // milliseconds
const MOST_SUMMED = 200_000;

const data = JSON.parse(document.getElementById("sheet-data").textContent);
const { columns, rights, urls, words } = data;
const fields = columns.map((column) => column.name);
const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const part = (name) => document.getElementById(`sheet-${name}`);
const edits = new Edits(fields);
const list = new Window({ url: urls.rows, query: new URLSearchParams(location.search), fields, edits, first: data.window });
for (const name of ["after", "before", "page", "size"]) list.query.delete(name);
const mayWrite = rights.edit || rights.add || rights.delete;
const unchecked = new Set();
let timer = 0;
let busy = false;
let saving = false;

const fill = (text, values) => Object.entries(values).reduce((all, [name, value]) => all.replace(`{${name}}`, value), text);
const figure = (number) => grouped(String(number));

function say(text, tone = "info") {
  const live = part("live");
  live.textContent = text;
  live.dataset.tone = tone;
}

async function send(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, ok: response.ok, json: await response.json().catch(() => ({})) };
}

// Columns ------------------------------------------------------------------------------------------

const widthKey = `kartabl.sheet.${data.name}`;
const widths = JSON.parse(localStorage.getItem(widthKey) ?? "{}");

function heading(column) {
  const isUp = data.sort === column.sort;
  const isDown = data.sort === `-${column.sort}`;
  const head = document.createElement(column.sort ? "a" : "span");
  head.textContent = column.label;
  if (column.required) head.classList.add("required");
  if (column.help) head.title = column.help;
  if (column.sort) {
    const query = new URLSearchParams(list.query);
    query.set("sort", isUp ? `-${column.sort}` : column.sort);
    head.href = `?${query}`;
    head.className = `sort${isUp || isDown ? " sorted" : ""}`;
    head.append(isUp ? " ↑" : isDown ? " ↓" : "");
  }
  return head;
}

const USUAL = { rials: 130, number: 96, date: 108, moment: 150, choice: 96, reference: 150, code: 130, text: 140 };

function build(grid) {
  return columns.map((column, place) => ({
    field: column.name,
    title: column.label,
    titleFormatter: () => heading(column),
    width: widths[column.name] ?? (column.width ? Math.min(column.width * 8, 280) : USUAL[column.editor]),
    minWidth: 60,
    frozen: place === 0,
    hozAlign: isNumeric(column) ? "right" : undefined,
    headerHozAlign: isNumeric(column) ? "right" : undefined,
    formatter: formatter(column, { edits, words, isReadOnly: !mayWrite, opens: (row, field) => grid.opens(row, field) }),
    editor: column.edit || column.add ? editorOf(grid, column) : undefined,
    editable: (cell) => grid.opens(cell.getRow().getData(), column.name),
  }));
}

const numberOf = (place) => (list.isExact ? localize(String(list.offset + place + 1)) : "·");

const grid = new SheetGrid(part("grid"), {
  window: list, edits, rights, columns, build, rows: list.rows, readOnly: !mayWrite,
  readers: Object.fromEntries(columns.map((column) => [column.name, readerOf(column)])),
  edited: changed, changed: () => {},
  options: {
    layout: "fitData", height: "100%", rowHeight: ROW - 1, renderVertical: "virtual", selectableRangeRows: true,
    rowHeader: { field: "key", title: "", formatter: rowHeader({ edits, numberOf }), width: 58, frozen: true, resizable: false, headerSort: false, hozAlign: "center", cssClass: "grid-head" },
  },
});

// What is not stored yet -----------------------------------------------------------------------------

function changed(rows) {
  for (const row of rows) if (row.id === null || edits.changed.has(row.key)) unchecked.add(row.key);
  status();
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER);
}

/** Ask the server what is wrong with the cells that were changed, by the rules of the save itself. */
async function check() {
  const keys = new Set(unchecked);
  const rows = edits.rows(keys).filter((row) => !row.deleted);
  unchecked.clear();
  if (!rows.length || saving) return;
  const answer = await send(urls.check, { rows }).catch(() => null);
  if (!answer?.ok) return;
  for (const key of keys) edits.problems.delete(key);
  for (const sent of rows) {
    const row = edits.changed.get(sent.key);
    for (const [field, text] of Object.entries(answer.json.texts[sent.key] ?? {})) {
      if (row && row[field] === sent.cells[field]) row[field] = text;
    }
    if (row) edits.note(row);
  }
  mark(answer.json.errors);
}

function mark(errors) {
  for (const { key, column, message } of errors) {
    if (!edits.changed.has(key)) continue;
    if (!edits.problems.has(key)) edits.problems.set(key, new Map());
    edits.problems.get(key).set(column, message);
  }
  if (!grid.isEditing()) grid.repaint();
  status();
}

function status() {
  const rows = edits.changed.size;
  const save = part("save");
  if (save) save.disabled = rows === 0 || saving;
  if (part("undo")) { part("undo").disabled = !edits.past.length; part("redo").disabled = !edits.future.length; }
  const button = part("problems");
  const bad = edits.problemCount;
  button.hidden = bad === 0;
  button.querySelector("span").textContent = fill(words.errors, { count: figure(bad) });
  document.body.classList.toggle("has-unsaved", rows > 0);
  if (!saving) say(rows ? fill(words.unsaved, { count: figure(edits.cellCount), rows: figure(rows) }) : "");
}

/** Go to the next bad cell of the rows in view of the window. */
function nextProblem() {
  const at = grid.block()?.top ?? -1;
  const shown = grid.shown;
  const bad = shown.map((row, place) => place).filter((place) => edits.problems.get(shown[place].key)?.size);
  const place = bad.find((one) => one > at) ?? bad[0];
  if (place === undefined) return;
  const [column] = [...edits.problems.get(shown[place].key).keys()];
  grid.moveTo(place, column || fields[0]);
  say(edits.problems.get(shown[place].key).get(column), "bad");
}

async function save() {
  if (saving || !edits.changed.size) return;
  if (grid.isEditing()) document.activeElement.blur();
  clearTimeout(timer);
  saving = true;
  say(words.saving);
  part("save").disabled = true;
  let again = false;
  try {
    const answer = await send(urls.save, { rows: edits.rows() });
    if (answer.ok) await stored(answer.json);
    else again = await refused(answer);
  } catch {
    say(words.offline, "bad");
  } finally {
    saving = false;
    part("save").disabled = edits.changed.size === 0;
  }
  if (again) await save();
}

async function stored(answer) {
  const { added } = edits;
  const gone = edits.stored(answer.rows, answer.deleted);
  list.keep(added);
  list.remove(gone);
  await grid.show();
  status();
  say(words.saved, "ok");
}

async function refused(answer) {
  edits.problems.clear();
  mark(answer.json.errors ?? []);
  say(answer.json.message ?? words.failed, "bad");
  if (!Object.keys(answer.json.conflicts ?? {}).length) { if (answer.json.errors?.length) nextProblem(); return false; }
  const titleOf = (row) => row[fields[0]] || words.new_row;
  const again = await settle({ conflicts: answer.json.conflicts, edits, columns, words, titleOf });
  const gone = Object.entries(answer.json.conflicts).filter(([, wire]) => wire === null).map(([key]) => key);
  if (again && gone.length) list.remove(new Set(gone));
  await grid.show();
  status();
  say(answer.json.message, "bad");
  return again;
}

// Undo, rows ------------------------------------------------------------------------------------------

async function stepped(step) {
  if (!step) return;
  if (step.added.length || step.dropped.length) await grid.show();
  const rows = step.cells.map((cell) => cell.row);
  const place = grid.shown.indexOf(rows[0]);
  if (place >= 0) grid.moveTo(place, step.cells[0].field);
  grid.repaint();
  changed(rows);
}

async function addRow() {
  if (!rights.add) return;
  await during(() => list.toEnd());
  if (!grid.shown.length || grid.shown.at(-1) !== list.rows.at(-1)) await grid.show();
  grid.grow(1);
  const first = columns.find((column) => column.add);
  grid.moveTo(grid.shown.length - 1, first.name);
}

/** New rows go at once; stored ones are struck out until the save. */
async function removeRows() {
  if (!mayWrite) return;
  const { rows } = grid.selected();
  const fresh = rows.filter((row) => row.id === null);
  const held = rights.delete ? rows.filter((row) => row.id !== null && !row.frozen) : [];
  if (held.some((row) => !row.deleted) && !await ask(fill(words.delete, { count: figure(held.length) }), { ok: words.delete_ok, tone: "danger" })) return;
  for (const row of held) row.deleted = !row.deleted;
  edits.did({ deleted: held, dropped: fresh });
  if (fresh.length) await grid.show();
  grid.repaint();
  status();
}
grid.removeActive = removeRows;

// The window ----------------------------------------------------------------------------------------

async function during(work) {
  busy = true;
  part("grid").setAttribute("aria-busy", "true");
  try { return await work(); } catch { say(words.offline, "bad"); return false; } finally {
    busy = false;
    part("grid").removeAttribute("aria-busy");
  }
}

async function scrolled() {
  rail.draw();
  place();
  if (busy || grid.moving || grid.isEditing()) return;
  const last = grid.firstVisible + Math.ceil(grid.holder.clientHeight / ROW);
  if (!list.atEnd && last > list.rows.length - NEAR) { if (await during(() => list.further())) await grid.show(); }
  else if (!list.atStart && grid.firstVisible < NEAR) { if (await during(() => list.earlier())) await grid.show(); }
}

async function jump(work, top, row) {
  while (busy || grid.moving) await new Promise((resolve) => { setTimeout(resolve, 20); }); // rows on their way come first
  await during(work);
  const place = () => (row === "last" ? grid.shown.length - 1 : 0);
  await grid.show({ top });
  if (row) grid.moveTo(place(), fields[0]);
  await scrolled();
}

const toStart = () => jump(async () => { if (!list.atStart) await list.toStart(); }, 0, "first");
const toEnd = () => jump(() => list.toEnd(), null, "last");

const rail = startRail({
  rail: part("rail"), list, grid, words,
  go: (share) => jump(() => list.toPart(share), 0),
});

function place() {
  const total = list.isWhole ? list.rows.length : list.total;
  part("total").textContent = fill(list.isCounted || list.isWhole ? words.rows : words.about, { count: figure(total) });
  part("place").textContent = list.isExact ? "" : fill(words.at, { row: figure(list.offset + grid.firstVisible + 1) });
}

// The selected block --------------------------------------------------------------------------------

let summing = 0;
function figures() {
  cancelAnimationFrame(summing);
  summing = requestAnimationFrame(() => {
    const { rows, fields: chosen } = grid.selected();
    const box = part("figures");
    if (rows.length * chosen.length < 2 || rows.length * chosen.length > MOST_SUMMED) { box.textContent = ""; return; }
    let count = 0;
    let numbers = 0;
    let sum = 0n;
    const numeric = new Set(columns.filter(isNumeric).map((column) => column.name));
    for (const row of rows) {
      for (const field of chosen) {
        const value = row[field];
        if (value !== "") count += 1;
        const plain = numeric.has(field) && value !== "" ? plainNumber(value) : null;
        if (plain) { numbers += 1; sum += scaled(plain); }
      }
    }
    const parts = [[words.count, figure(count)]];
    if (numbers) parts.unshift([words.sum, figure(unscaled(sum))], [words.average, figure(unscaled(sum / BigInt(numbers)))]);
    box.replaceChildren(...parts.map(([name, value]) => {
      const item = document.createElement("span");
      const run = document.createElement("bdi");
      run.dir = "ltr";
      run.className = "num";
      run.textContent = value;
      item.append(`${name}: `, run);
      return item;
    }));
  });
}

/** Exact sums: millionths as whole numbers, since rials pass the range of a float. */
function scaled(plain) {
  const [whole, rest = ""] = plain.split(".");
  const sign = whole.startsWith("-") ? -1n : 1n;
  return BigInt(whole) * 1_000_000n + sign * BigInt(rest.padEnd(6, "0").slice(0, 6));
}

function unscaled(number) {
  const sign = number < 0n ? "-" : "";
  const size = number < 0n ? -number : number;
  const rest = String(size % 1_000_000n).padStart(6, "0").replace(/0+$/, "").slice(0, 2);
  return `${sign}${size / 1_000_000n}${rest ? `.${rest}` : ""}`;
}

// Keys and buttons ----------------------------------------------------------------------------------

const isKey = (event, letter) => event.key.toLowerCase() === letter || event.code === `Key${letter.toUpperCase()}`;

function onKey(event) {
  if (document.querySelector("dialog[open]")) return;
  const isControl = event.ctrlKey || event.metaKey;
  const inside = part("grid").contains(document.activeElement);
  const step = (work) => { event.preventDefault(); event.stopPropagation(); work(); };
  if (isControl && isKey(event, "s")) { step(save); return; }
  if (!inside || grid.isEditing()) return;
  if (isControl && isKey(event, "d")) step(() => grid.fillDown());
  else if (isControl && event.shiftKey && isKey(event, "z")) step(() => stepped(edits.redo()));
  else if (isControl && isKey(event, "z")) step(() => stepped(edits.undo()));
  else if (isControl && isKey(event, "y")) step(() => stepped(edits.redo()));
  else if (isControl && event.key === "Home") step(toStart);
  else if (isControl && event.key === "End") step(toEnd);
  else if (isControl && event.key === "Insert") { if (rights.add) step(addRow); }
  else if (event.altKey && event.key === "ArrowDown") { const cell = grid.activeCell(); if (cell) grid.edit(cell, null, event); }
}

document.addEventListener("keydown", onKey, true);
part("save")?.addEventListener("click", save);
part("undo")?.addEventListener("click", () => stepped(edits.undo()));
part("redo")?.addEventListener("click", () => stepped(edits.redo()));
part("add")?.addEventListener("click", addRow);
part("remove")?.addEventListener("click", removeRows);
part("problems").addEventListener("click", nextProblem);
part("help").addEventListener("click", () => part("keys").showModal());
document.addEventListener("mousedown", (event) => {
  // The calendar beside a cell takes no focus away, else the cell would be left at once.
  if (event.target.closest?.("jdp-container") && !event.target.matches("select, option")) event.preventDefault();
}, true);
window.addEventListener("beforeunload", (event) => { if (edits.changed.size) event.preventDefault(); });

grid.element.addEventListener("pasted", ({ detail }) => {
  const notes = [fill(words.pasted, { count: figure(detail.count) })];
  if (detail.closed) notes.push(fill(words.skipped, { count: figure(detail.closed) }));
  if (detail.wide) notes.push(words.too_wide);
  if (detail.left) notes.push(fill(words.no_new_rows, { count: figure(detail.left) }));
  setTimeout(() => say(notes.join(" "), notes.length > 1 ? "warn" : "info"));
});

grid.ready().then(async () => {
  grid.table.on("columnResized", (column) => {
    widths[column.getField()] = column.getWidth();
    localStorage.setItem(widthKey, JSON.stringify(widths));
  });
  grid.table.on("rangeChanged", figures);
  grid.holder.addEventListener("scroll", scrolled, { passive: true });
  if (grid.shown.length) grid.moveTo(0, fields[0]);
  status();
  await list.measure().catch(() => {});
  place();
  rail.draw();
});
window.kartablSheet = { grid, edits, list, save, toEnd, toStart };
