// The typed filters of a list: an empty row is made from its template, empty inputs are not sent.
import { toAscii } from "./numbers.js";
import { dress } from "./form.js";

function startTypedFilters(form) {
  const rows = form.querySelector("[data-filter-rows]");
  const buttons = form.querySelector("[data-filter-buttons]");
  const drop = (row, sent) => {
    row.remove();
    if (sent) form.requestSubmit();
    else buttons.hidden = rows.children.length === 0;
  };
  for (const row of rows.querySelectorAll(".filter-row")) {
    row.querySelector("[data-drop-filter]").addEventListener("click", () => drop(row, true));
  }
  for (const button of form.querySelectorAll("[data-add-filter]")) {
    button.addEventListener("click", () => {
      const row = form.querySelector(`template[data-filter="${CSS.escape(button.dataset.addFilter)}"]`).content.firstElementChild.cloneNode(true);
      row.querySelector("[data-drop-filter]").addEventListener("click", () => drop(row, false));
      rows.append(row);
      dress(row);
      buttons.hidden = false;
      const field = row.querySelector(".filter-value :is(input, select)");
      (field.tomselect ?? field).focus();
    });
  }
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("input.num")) field.value = toAscii(field.value);
    for (const field of form.querySelectorAll("input[name], select[name]")) if (field.value === "") field.disabled = true;
  });
  // A page taken back from the browser's memory has its empty inputs still switched off.
  window.addEventListener("pageshow", () => { for (const field of form.querySelectorAll(":disabled")) field.disabled = false; });
}

export function startFilters() {
  for (const form of document.querySelectorAll("form[data-typed-filters]")) startTypedFilters(form);
}
