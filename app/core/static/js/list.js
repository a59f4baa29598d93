// Lists: choosing rows, bulk bar, rows that open on a click, filters made from templates.
import { localize, toAscii } from "./numbers.js";
import { dress } from "./form.js";

function startBulk(bar) {
  const form = bar.dataset.bulk;
  const boxes = [...document.querySelectorAll(`input[name=rowid][form="${form}"]`)];
  const all = document.querySelector(`[data-check-all="${form}"]`);
  const count = bar.querySelector("[data-bulk-count]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    bar.hidden = chosen === 0;
    count.textContent = chosen === 1 ? count.dataset.one : count.dataset.many.replace("{count}", localize(chosen));
    for (const box of boxes) box.closest("tr").classList.toggle("chosen", box.checked);
    if (all) { all.checked = chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
  };
  const set = (value) => { for (const box of boxes) box.checked = value; show(); };
  let last = null;
  boxes.forEach((box, place) => box.addEventListener("click", (event) => {
    if (event.shiftKey && last !== null) {
      for (let at = Math.min(last, place); at <= Math.max(last, place); at += 1) boxes[at].checked = box.checked;
    }
    last = place;
    show();
  }));
  all?.addEventListener("change", () => set(all.checked));
  bar.querySelector("[data-bulk-clear]")?.addEventListener("click", () => set(false));
  show();
}

function openRow(event) {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, form, .check-cell") || String(window.getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else window.location.assign(row.dataset.href);
}

/** The filters of a list; FAB reads them as `_flt_<condition>_<column>=value`. */
function startFilters(form) {
  const rows = form.querySelector("[data-filter-rows]");
  const buttons = form.querySelector("[data-filter-buttons]");
  const show = () => { buttons.hidden = !rows || !rows.querySelector(".filter-row:not([hidden])"); };
  const ready = (column) => form.querySelector(`[data-filter-name="${CSS.escape(column)}"]`);
  const reveal = (row) => { row.hidden = false; row.disabled = false; for (const s of row.querySelectorAll("select")) s.tomselect?.enable(); show(); };

  const add = (column, condition, value) => {
    const template = form.querySelector(`template[data-filter="${CSS.escape(column)}"]`);
    if (!template) return null;
    const row = template.content.firstElementChild.cloneNode(true);
    const op = row.querySelector(".filter-op");
    const field = row.querySelector(".filter-value :is(input, select, textarea)");
    if (condition !== undefined) {
      const found = [...op.options].find((option) => option.text === condition);
      if (found) op.value = found.value;
    }
    const name = () => { field.name = `_flt_${op.value}_${column}`; };
    op.addEventListener("change", name);
    name();
    field.id = `filter-${column}-${rows.children.length}`;
    field.setAttribute("aria-label", row.querySelector("legend").textContent);
    if (field.type === "checkbox") { field.checked = true; field.value = "y"; }
    else if (value !== undefined) setValue(field, value);
    row.querySelector("[data-drop-filter]").addEventListener("click", () => {
      row.remove();
      show();
      if (condition !== undefined) form.requestSubmit();
    });
    rows.append(row);
    dress(row);
    show();
    return field;
  };

  for (const button of form.querySelectorAll("[data-add-filter]")) {
    button.addEventListener("click", () => {
      const row = ready(button.dataset.addFilter);
      if (row) reveal(row);
      const field = row ? row.querySelector("input, select") : add(button.dataset.addFilter);
      (field?.tomselect ?? field)?.focus();
    });
  }
  for (const row of form.querySelectorAll("[data-filter-name]")) {
    const wasActive = !row.hidden;
    row.querySelector("[data-drop-filter]").addEventListener("click", () => {
      row.disabled = true;
      row.hidden = true;
      show();
      if (wasActive) form.requestSubmit();
    });
  }
  form.querySelector("[data-clear-filters]")?.addEventListener("click", () => {
    for (const row of rows.querySelectorAll(".filter-row")) row.disabled = true;
    const quick = form.querySelector("input[name=q]");
    if (quick) quick.value = "";
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("input[type=text].num, input[type=number]")) field.value = toAscii(field.value);
    for (const field of form.querySelectorAll("input[name], select[name]")) if (field.value === "") field.disabled = true;
  });
  for (const [column, condition, values] of JSON.parse(form.dataset.active || "[]")) {
    for (const value of [values].flat()) add(column, condition, value);
  }
  show();
}

function setValue(field, value) {
  if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === String(value))) {
    field.add(new Option(field.dataset.selectedText || String(value), String(value)));
  }
  field.value = value;
}

export function startLists() {
  for (const bar of document.querySelectorAll(".bulk-bar")) startBulk(bar);
  for (const form of document.querySelectorAll("form[data-filters]")) startFilters(form);
  document.addEventListener("click", openRow);
}
