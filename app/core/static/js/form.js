// Forms: selects with search, Jalali dates, amounts grouped while typing, questions before what
// cannot be taken back, and a word before unsaved changes are left.
import { startDates } from "./dates.js";
import { grouped, line, plainNumber, runs, toAscii } from "./numbers.js";

const MANY_OPTIONS = 8;
let leaving = false;

/** A choice of a remote select; the hint (code, phone) under its name. */
function choice(item, withHint) {
  const box = document.createElement("div");
  box.append(runs(item.text ?? ""));
  if (withHint && item.hint) {
    const hint = document.createElement("small");
    hint.append(line(item.hint));
    box.append(hint);
  }
  return box;
}

function remote(select) {
  const base = select.dataset.remote;
  const address = (query, page) => {
    const url = new URL(base, window.location.origin);
    url.searchParams.set("q", query);
    url.searchParams.set("page", page);
    return url;
  };
  return {
    valueField: "id", labelField: "text", searchField: [], sortField: [], preload: "focus", maxOptions: null, hideSelected: true,
    shouldLoad: () => true,
    load(query, done) {
      fetch(address(query, 1), { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : []))
        .then((found) => { this.clearOptions((option) => this.items.includes(String(option.id))); done(Array.isArray(found) ? found : found.results); })
        .catch(() => done());
    },
    score: () => () => 1,
    render: {
      option: (item) => choice(item, true),
      item: (item) => choice(item, false),
      no_results: () => '<div class="no-results">—</div>',
    },
  };
}

function dressSelect(select) {
  if (select.tomselect || !window.TomSelect || select.matches(".filter-op, [data-plain]")) return;
  const isRemote = select.dataset.remote !== undefined;
  if (!isRemote && !select.multiple && select.options.length <= MANY_OPTIONS) {
    select.classList.remove("form-control");
    select.classList.add("form-select");
    return;
  }
  select.classList.remove("form-control", "form-select");
  const plugins = { dropdown_input: {} };
  if (select.multiple) { plugins.remove_button = { title: "×" }; delete plugins.dropdown_input; }
  new window.TomSelect(select, {
    plugins, maxOptions: 200, hideSelected: select.multiple, allowEmptyOption: !select.required,
    placeholder: select.dataset.placeholder ?? "", controlInput: undefined,
    render: { no_results: () => '<div class="no-results">—</div>' },
    ...(isRemote ? remote(select) : {}),
  });
}

function dressRials(field) {
  field.dir = "ltr";
  field.inputMode = "numeric";
  field.classList.add("num");
  const show = () => {
    const plain = plainNumber(field.value);
    if (plain === null || plain === "") return;
    const end = field.value.length - (field.selectionEnd ?? field.value.length);
    field.value = toAscii(grouped(plain)).replace(/[٬]/g, ",");
    const at = Math.max(0, field.value.length - end);
    if (document.activeElement === field) field.setSelectionRange(at, at);
  };
  field.addEventListener("input", show);
  field.form?.addEventListener("submit", () => { field.value = plainNumber(field.value) ?? field.value; });
  show();
}

/** Give the fields under an element their dress; called again for what is added later. */
export function dress(root) {
  for (const select of root.querySelectorAll("select")) dressSelect(select);
  for (const field of root.querySelectorAll("[data-rials]")) dressRials(field);
  for (const field of root.querySelectorAll("input[data-jdp]")) field.dataset.jdp = "";
}

/** Ask in the page's own dialog; resolves to whether the answer was yes. */
export function ask(question, { ok, tone } = {}) {
  const dialog = document.getElementById("confirm");
  if (!dialog?.showModal) return Promise.resolve(window.confirm(question));
  const button = dialog.querySelector("[value=ok]");
  dialog.querySelector("#confirm-text").textContent = question;
  button.textContent = ok || button.dataset.default;
  button.classList.toggle("btn-danger", tone === "danger");
  button.classList.toggle("btn-primary", tone !== "danger");
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
  });
}

async function onSubmit(event) {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form;
  if (source.dataset.confirm && !form.dataset.sure) {
    event.preventDefault();
    event.stopPropagation();
    if (await ask(source.dataset.confirm, { ok: source.dataset.confirmOk, tone: source.dataset.confirmTone })) {
      form.dataset.sure = "1";
      form.requestSubmit(event.submitter);
    }
    return;
  }
  delete form.dataset.sure;
  if (form.method === "post") {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  }
  if (form.dataset.guard !== undefined) leaving = true;
}

function startGuards() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const touched = () => { form.dataset.dirty = "1"; };
    form.addEventListener("input", touched);
    form.addEventListener("change", (event) => { if (event.isTrusted) touched(); });
  }
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && document.querySelector("form[data-guard][data-dirty]")) event.preventDefault();
  });
}

export function startForms() {
  dress(document);
  startDates();
  startGuards();
  document.addEventListener("submit", onSubmit, true);
  document.querySelector(".field.invalid :is(input, select, textarea)")?.focus();
}
