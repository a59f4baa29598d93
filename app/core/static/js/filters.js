// The filters over a list. Rows are made from the templates in the form: ours hold their own
// arguments; FAB's have a condition beside the value and are read as `_flt_<condition>_<column>`.
import { dress } from "./form.js";
import { toAscii } from "./numbers.js";

function setValue(field, value) {
  if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === String(value))) {
    field.add(new Option(String(value), String(value)));
  }
  field.value = value;
}

function nameByCondition(row, column, condition, value) {
  const op = row.querySelector(".filter-op");
  const field = row.querySelector(".filter-value :is(input, select, textarea)");
  const found = [...op.options].find((option) => option.text === condition);
  if (found) op.value = found.value;
  const name = () => { field.name = `_flt_${op.value}_${column}`; };
  op.addEventListener("change", name);
  name();
  field.setAttribute("aria-label", row.querySelector("legend").textContent);
  if (field.type === "checkbox") { field.checked = true; field.value = "y"; }
  else if (value !== undefined) setValue(field, value);
}

function startOne(form) {
  const rows = form.querySelector("[data-filter-rows]");
  const buttons = form.querySelector("[data-filter-buttons]");
  const show = () => { buttons.hidden = rows.children.length === 0; };

  const watch = (row, wasActive) => {
    row.querySelector("[data-drop-filter]").addEventListener("click", () => {
      row.remove();
      show();
      if (wasActive) form.requestSubmit();
    });
  };
  const add = (column, condition, value) => {
    const template = form.querySelector(`template[data-filter="${CSS.escape(column)}"]`);
    if (!template) return null;
    const row = template.content.firstElementChild.cloneNode(true);
    const place = rows.children.length;
    for (const field of row.querySelectorAll("[id]")) field.id = `filter-${place}-${field.id}`;
    if (row.querySelector(".filter-op")) nameByCondition(row, column, condition, value);
    watch(row, condition !== undefined);
    rows.append(row);
    dress(row);
    show();
    return row;
  };

  for (const row of rows.children) if (row.matches(".filter-row")) watch(row, true);
  for (const button of form.querySelectorAll("[data-add-filter]")) {
    button.addEventListener("click", () => {
      const field = add(button.dataset.addFilter)?.querySelector(".filter-value :is(input, select, textarea)");
      // After the menu has closed and given the focus back to its button.
      setTimeout(() => (field?.tomselect ?? field)?.focus(), 30);
    });
  }
  form.querySelector("button[data-clear-filters]")?.addEventListener("click", () => {
    rows.replaceChildren();
    show();
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("input.num")) field.value = toAscii(field.value);
    for (const field of form.querySelectorAll("input[name], select[name]")) if (field.value === "") field.disabled = true;
  });
  for (const [column, condition, values] of JSON.parse(form.dataset.active || "[]")) {
    for (const value of [values].flat()) add(column, condition, value);
  }
  show();
}

export function startFilters() {
  for (const form of document.querySelectorAll("form[data-filters], form[data-typed-filters]")) startOne(form);
  // Coming back by the browser's button: the fields that were empty are usable again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const field of document.querySelectorAll(".filters :disabled")) field.disabled = false;
  });
}
