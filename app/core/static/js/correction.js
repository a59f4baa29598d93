// The rows of an import before they are stored: a window at a time, bad cells marked, corrected in
// place and checked again at once. Words and addresses come from #import-data.
import { ask } from "./form.js";
import { Grid } from "./grid.js";
import { textEditor } from "./grid_editors.js";
import { grouped, localize, localizeText, toAscii } from "./numbers.js";

const data = JSON.parse(document.getElementById("import-data").textContent);
const { words, urls } = data;
const csrf = document.querySelector('meta[name="csrf-token"]')?.content || "";
const find = (id) => document.getElementById(`import-${id}`);
const live = find("note");
const SIZE = 100;
const state = { show: data.summary.error_count ? "errors" : "all", name: "", code: "", offset: 0, total: 0, summary: data.summary, acts: 0 };
let known = new Map(); // row number → the row as the server has it
let sending = Promise.resolve();

const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const count = (number) => grouped(String(number));

async function send(url, body) {
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
    body: body && JSON.stringify(body),
    cache: "no-store",
  });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(json.errors?.[0]?.message || json.message || words.failed);
  return json;
}

/** The grid never grows: its rows are the file's. */
class RowGrid extends Grid {
  addRow() { return this.table.getRows().length - 1; }
  removeActive() {}
  paste(block, place) { super.paste(block.slice(0, this.table.getRows().length - place.row), place); }
}

const messageOf = (row, letter) => row.errors.filter((error) => error.column === letter).map((error) => error.message).join(" ");

function flat(row) {
  const why = row.errors.map((error) => {
    const column = data.columns.find((one) => one.letter === error.column);
    return `${column ? column.header : ""}: ${error.message}`.replace(/^: /, "");
  });
  return { key: row.row, row: row.row, verdict: row.verdict, why: why.join(" · "), ...row.cells };
}

function columns(grid) {
  const number = (cell) => `<bdi dir="ltr" class="num">${localize(cell.getValue())}</bdi>`;
  const verdict = (cell) => {
    const badge = document.createElement("span");
    badge.className = `badge tone-${data.tones[cell.getValue()]}`;
    badge.textContent = data.labels[cell.getValue()];
    return badge;
  };
  const text = (cell) => {
    const value = document.createElement("bdi");
    value.textContent = localizeText(cell.getValue() ?? "");
    dress(cell, known.get(cell.getData().row));
    return value;
  };
  const title = (column) => {
    const head = document.createElement("span");
    head.className = "grid-title";
    const letter = document.createElement("small");
    letter.textContent = column.letter;
    head.append(letter, column.header || column.label);
    if (column.label) head.title = column.label;
    return head;
  };
  return [
    { title: words.row, field: "row", width: 64, frozen: !matchMedia("(max-width: 600px)").matches, formatter: number, cssClass: "grid-head" },
    { title: words.verdict, field: "verdict", width: 104, formatter: verdict },
    ...data.columns.map((column) => ({
      title: `${column.letter} ${column.header}`,
      titleFormatter: () => title(column),
      field: column.letter,
      minWidth: 128,
      widthGrow: 1,
      formatter: text,
      cssClass: column.names.length ? "" : "grid-unused",
      ...(column.names.length ? { editor: textEditor(grid) } : {}),
    })),
    { title: words.why, field: "why", minWidth: 260, cssClass: "grid-why", formatter: "plaintext" },
  ];
}

/** Mark a cell as bad or corrected. */
function dress(cell, row) {
  const element = cell.getElement();
  const letter = cell.getField();
  if (!row || !element) return;
  const message = messageOf(row, letter);
  const before = row.corrected[letter];
  element.classList.toggle("cell-bad", Boolean(message));
  element.classList.toggle("cell-mended", before !== undefined && !message);
  if (message) element.setAttribute("aria-invalid", "true");
  else element.removeAttribute("aria-invalid");
  element.title = message || (before === undefined ? "" : say(words.before, { before: before || "—" }));
}

const grid = new RowGrid(find("grid"), { build: columns, rows: [], newRow: () => ({}), changed: () => { sending = sending.then(save); } });

/** Tell the server what differs from what it has; it answers the rows that it checked again. */
async function save() {
  const cells = [];
  for (const shown of grid.rows) {
    const row = known.get(shown.row);
    if (!row) continue;
    for (const { letter } of data.columns) {
      const text = String(shown[letter] ?? "");
      if (text !== (row.cells[letter] ?? "")) cells.push({ row: shown.row, column: letter, text });
    }
  }
  if (!cells.length) return;
  for (const { row, column, text } of cells) known.get(row).cells[column] = text;
  try {
    await take(await send(urls.correct, { cells }));
  } catch (error) {
    live.textContent = error.message;
    await load();
  }
}

/** Take an answer in: rows checked again, counts, or a job that checks all. */
async function take(answer) {
  if (answer.job) { window.location.assign(urls.wait); return; }
  state.summary = answer;
  state.acts = answer.acts;
  for (const row of answer.rows) {
    if (!known.has(row.row)) continue;
    known.set(row.row, row);
    grid.quiet = true;
    const line = grid.table.getRow(row.row);
    if (line) {
      const blank = Object.fromEntries(data.columns.map(({ letter }) => [letter, ""]));
      await line.update({ ...blank, ...flat(row) });
      line.getCells().forEach((cell) => { if (data.columns.some((one) => one.letter === cell.getField())) dress(cell, row); });
    }
    grid.quiet = false;
  }
  sum();
  tell();
}

async function load() {
  const query = new URLSearchParams({ show: state.show, name: state.name, code: state.code, offset: state.offset, size: SIZE });
  if (state.row) query.set("row", state.row);
  const answer = await send(`${urls.rows}?${query}`);
  Object.assign(state, { offset: answer.offset, total: answer.total, acts: answer.acts, summary: answer });
  known = new Map(answer.rows.map((row) => [row.row, row]));
  grid.quiet = true;
  await grid.table.setData(answer.rows.map(flat));
  grid.quiet = false;
  if (state.show === "errors") grid.table.hideColumn("verdict");
  else grid.table.showColumn("verdict");
  const place = Math.max(0, answer.rows.findIndex((row) => row.row >= (state.row ?? 0)));
  if (state.row || (state.show === "errors" && answer.rows.length)) standAt(place, firstBad(answer.rows[place]));
  state.row = 0;
  sum();
}

/** Choose a cell without moving the page or taking the keyboard away from where it is. */
function standAt(row, field) {
  const cell = grid.table.getRows()[row]?.getCell(field);
  if (!cell) return;
  grid.table.modules.selectRange.resetRanges().setBounds(cell._cell);
  grid.table.scrollToColumn(field, "middle", false);
  grid.table.scrollToRow(cell.getRow(), "nearest", false);
  tell();
}

const firstBad = (row) => row?.errors.find((error) => error.column)?.column ?? data.columns.find((one) => one.names.length).letter;

/** Everything around the grid that follows from the counts. */
function sum() {
  const { counts, error_count: errors, kinds, documents } = state.summary;
  for (const box of document.querySelectorAll("[data-count]")) box.textContent = count(counts[box.dataset.count]);
  for (const part of document.querySelectorAll("[data-part]")) part.style.flexGrow = counts[part.dataset.part];
  for (const button of document.querySelectorAll(".tally-part")) button.toggleAttribute("data-none", !Number(toAscii(button.querySelector("strong").textContent).replace(/\D/g, "")));
  const said = document.querySelector("[data-documents]");
  if (said && documents) {
    const parts = Object.entries(data.labels).filter(([name]) => documents[name]).map(([name, label]) => `${count(documents[name])} ${label}`);
    said.textContent = say(words.documents, { count: count(documents.documents), parts: parts.join(" · ") });
  }
  document.querySelector("[data-error-count]").textContent = count(errors);
  find("clear").hidden = errors > 0;
  find("good").hidden = errors === 0;
  find("kinds").replaceChildren(...kinds.map(kindItem));
  for (const button of document.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === state.show && !state.code));
  const undo = find("undo");
  undo.disabled = state.acts === 0;
  undo.title = state.acts ? say(words.acts, { count: count(state.acts) }) : "";
  find("where").textContent = state.total ? say(words.window, { from: count(state.offset + 1), to: count(Math.min(state.total, state.offset + SIZE)), total: count(state.total) }) : "";
  find("prev").disabled = state.offset === 0;
  find("next").disabled = state.offset + SIZE >= state.total;
  const good = find("good").querySelector("input");
  find("go").disabled = errors > 0 && !good.checked;
  find("ready").textContent = errors ? say(words.errors, { count: count(errors) }) : words.ready;
}

function kindItem(kind) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "kind";
  button.setAttribute("aria-pressed", String(state.code === kind.code && state.name === kind.name));
  const head = document.createElement("strong");
  head.textContent = kind.header;
  const number = document.createElement("span");
  number.className = "count";
  number.textContent = count(kind.count);
  const message = document.createElement("span");
  message.className = "kind-words";
  message.textContent = localizeText(kind.message);
  button.append(head, number, message);
  button.addEventListener("click", () => {
    const again = state.code === kind.code && state.name === kind.name;
    show({ show: "errors", name: again ? "" : kind.name, code: again ? "" : kind.code });
  });
  item.append(button);
  return item;
}

async function show(wanted) {
  await sending;
  Object.assign(state, { offset: 0, name: "", code: "", ...wanted });
  await load();
}

/** What is wrong with the cell where the person stands. */
function tell() {
  const cell = grid.activeCell();
  const row = cell && known.get(cell.getData().row);
  live.replaceChildren();
  if (!row || !data.columns.some((one) => one.letter === cell.getField())) return;
  const letter = cell.getField();
  const place = document.createElement("bdi");
  place.className = "num cell-place";
  place.dir = "ltr";
  place.textContent = `${letter}${row.row}`;
  const message = messageOf(row, letter);
  const said = document.createElement("span");
  said.textContent = localizeText(message || (row.corrected[letter] === undefined ? "" : say(words.before, { before: row.corrected[letter] || "—" })));
  live.className = `cell-note${message ? " tone-bad" : ""}`;
  live.append(place, said);
}

/** To the next bad cell below, over the edge of the window. */
async function toNextBad() {
  const place = grid.activePlace() ?? { row: -1, column: -1 };
  const fields = grid.fields();
  const rows = grid.rows;
  for (let row = Math.max(place.row, 0); row < rows.length; row += 1) {
    const found = known.get(rows[row].row).errors.map((error) => fields.indexOf(error.column)).filter((at) => at >= 0 && (row > place.row || at > place.column));
    if (found.length) { grid.moveTo(row, fields[Math.min(...found)]); tell(); return; }
  }
  if (state.offset + SIZE < state.total) { state.offset += SIZE; await load(); grid.moveTo(0, "row"); await toNextBad(); }
}

// --- find and replace

const form = find("replace");
const found = document.getElementById("replace-found");
let asked = 0;
let hits = 0;
let timer;
const wish = () => {
  const fields = new FormData(form);
  return { find: fields.get("find"), replace: fields.get("replace"), column: fields.get("column"), whole: fields.has("whole"), only_bad: fields.has("only_bad") };
};

async function countHits() {
  const turn = (asked += 1);
  hits = 0;
  form.querySelector("button").disabled = true;
  found.textContent = "";
  const wanted = wish();
  if (!wanted.find && !wanted.whole) return;
  try {
    const answer = await send(urls.replace, { ...wanted, preview: true });
    if (turn !== asked) return;
    hits = answer.count;
    const first = answer.examples[0];
    found.textContent = !hits ? words.nothing : `${say(words.hits, { count: count(hits) })}${first ? ` ${say(words.example, { cell: `${first.column}${first.row}`, before: first.before || "—", after: first.after || "—" })}` : ""}`;
    form.querySelector("button").disabled = !hits;
  } catch (error) { found.textContent = error.message; }
}

function startReplace() {
  find("find").addEventListener("click", () => {
    form.hidden = !form.hidden;
    find("find").setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) form.elements.find.focus();
  });
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(countHits, 250); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await sending;
    if (!hits || (hits > 1 && !(await ask(say(words.sure, { count: count(hits) }), { ok: words.replace })))) return;
    try {
      const answer = await send(urls.replace, wish());
      await take(answer);
      if (!answer.job) { found.textContent = say(words.replaced, { count: count(answer.cells) }); await load(); }
    } catch (error) { found.textContent = error.message; }
  });
}

function start() {
  for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => show({ show: button.dataset.show }));
  find("prev").addEventListener("click", async () => { await sending; state.offset = Math.max(0, state.offset - SIZE); load(); });
  find("next").addEventListener("click", async () => { await sending; state.offset += SIZE; load(); });
  find("undo").addEventListener("click", async () => {
    await sending;
    try { await take(await send(urls.undo, {})); await load(); } catch (error) { live.textContent = error.message; }
  });
  find("row").addEventListener("keydown", (event) => {
    const wanted = Number(toAscii(event.target.value));
    if (event.key === "Enter" && wanted > 0) { event.preventDefault(); state.row = wanted; show({}); }
  });
  for (const name of ["keyup", "mouseup", "focusin"]) find("grid").addEventListener(name, () => { if (!grid.isEditing()) tell(); });
  find("grid").addEventListener("keydown", (event) => {
    if (event.key === "F8" && !grid.isEditing()) { event.preventDefault(); toNextBad(); }
    if (event.key.toLowerCase() === "z" && event.ctrlKey && !grid.isEditing() && state.acts) { event.preventDefault(); find("undo").click(); }
  });
  document.getElementById("import-apply").addEventListener("submit", (event) => {
    if (event.target.dataset.calm) return;
    event.preventDefault();
    const button = event.submitter;
    const form = event.target; // the event forgets it before the last correction has arrived
    // Not in this event: while a form tells of its submission, it takes no other.
    sending.then(() => setTimeout(() => { form.dataset.calm = "1"; delete form.dataset.sent; form.requestSubmit(button); }));
  });
  find("good").addEventListener("change", sum);
  startReplace();
}

await grid.ready();
start();
await load();
