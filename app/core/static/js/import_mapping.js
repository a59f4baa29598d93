// The columns page of the import: every choice shows at once how the cells are read. The values
// page: a suggestion is taken with one click. Without this script a button does the same.
import { dress } from "./form.js";

const WAIT = 250;

/** Show the page's body as the server sees the form now; the field in use keeps the focus. */
function startMapping(form) {
  let asked = 0;
  let timer = null;

  async function look(extra) {
    const turn = ++asked;
    const data = new FormData(form);
    data.set("look", "1");
    if (extra) data.set(extra.name, extra.value);
    const body = document.getElementById("mapping-body");
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("mapping-body");
      if (turn !== asked || !answer.ok || !fresh) return;
      const focused = extra?.focus ?? document.activeElement?.id;
      const opened = body.querySelector("details")?.open;
      body.replaceChildren(...fresh.childNodes);
      const details = body.querySelector("details");
      if (details && opened) details.open = true;
      dress(body);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    } finally {
      if (turn === asked) body.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("change", (event) => {
    if (!event.target.closest("[data-look]")) return;
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=accept]");
    if (!button) return;
    event.preventDefault();
    look({ name: "accept", value: button.value, focus: `target-${button.value.split(":")[0]}` });
  });
}

function startValues(form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (!button) return;
    const select = document.getElementById(button.dataset.pick);
    if (select.tomselect) {
      select.tomselect.addOption({ id: button.dataset.value, text: button.dataset.text });
      select.tomselect.setValue(button.dataset.value);
    } else {
      select.value = button.dataset.value;
    }
    button.hidden = true;
    select.focus();
  });
}

const mapping = document.querySelector("form[data-mapping]");
if (mapping) startMapping(mapping);
const values = document.querySelector("form[data-values]");
if (values) startValues(values);
