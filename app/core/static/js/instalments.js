// The schedule of instalments below a document: equal shares from the server, rows that can be
// changed, and a sentence that says whether they add up to the payable amount.
import { dress } from "./form.js";
import { grouped, localize, plainNumber, toAscii } from "./numbers.js";

const page = window.kartablDocument;
const box = document.getElementById("instalments");
const list = document.getElementById("instalment-rows");
const terms = document.querySelector('[data-field="terms"]');
const sum = document.getElementById("instalment-sum");
const by = (id) => document.getElementById(id);
const { words } = page;
let payable = page.document.payable ?? "0";

const rows = () => [...list.children].map((row) => ({
  due_on: row.querySelector("[data-jdp]").value,
  amount: plainNumber(row.querySelector("[data-rials]").value) ?? toAscii(row.querySelector("[data-rials]").value),
}));
const isChosen = () => terms.value === box.dataset.terms;

function field(label, input) {
  const cell = document.createElement("span");
  cell.className = "field";
  input.setAttribute("aria-label", label);
  input.className = "form-control num";
  input.dir = "ltr";
  input.autocomplete = "off";
  input.inputMode = "numeric";
  input.disabled = page.readOnly;
  cell.append(input);
  return cell;
}

function addRow({ due_on = "", amount = "" } = {}) {
  const row = document.createElement("li");
  const place = words.instalment.replace("{row}", localize(list.children.length + 1));
  const day = document.createElement("input");
  day.dataset.jdp = "";
  day.value = due_on;
  const rials = document.createElement("input");
  rials.dataset.rials = "";
  rials.value = amount;
  row.append(field(`${place}: ${words.due_on}`, day), field(`${place}: ${words.amount}`, rials));
  if (!page.readOnly) {
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn btn-outline-secondary btn-sm";
    remove.textContent = words.remove;
    remove.setAttribute("aria-label", `${words.remove}: ${place}`);
    remove.addEventListener("click", () => { const next = row.nextElementSibling ?? row.previousElementSibling; row.remove(); (next?.querySelector("input") ?? by("instalment-add")).focus(); touched(); });
    row.append(remove);
  }
  list.append(row);
  dress(row);
  return row;
}

function tell() {
  box.hidden = !isChosen();
  if (box.hidden) return;
  const total = rows().reduce((all, row) => all + BigInt(/^\d+$/.test(row.amount) ? row.amount : 0), 0n);
  const rest = BigInt(payable) - total;
  const amount = (value) => grouped(String(value));
  if (!list.children.length) sum.textContent = "";
  else if (rest === 0n) sum.textContent = words.adds_up;
  else sum.textContent = (rest > 0n ? words.missing : words.too_much).replace("{amount}", amount(rest > 0n ? rest : -rest));
  sum.classList.toggle("text-danger", Boolean(list.children.length) && rest !== 0n);
}

function touched() { tell(); page.changed(); }

async function share() {
  const answer = await page.send(page.urls.schedule, {
    payable, count: by("instalment-count").value, first_on: by("instalment-first").value, months: by("instalment-months").value,
  });
  if (!answer.ok) {
    sum.textContent = (answer.json.errors ?? []).map((error) => error.message).join(" ") || words.offline;
    sum.classList.add("text-danger");
    return;
  }
  list.replaceChildren();
  answer.json.instalments.forEach(addRow);
  touched();
  list.querySelector("input")?.focus();
}

page.more.push(() => ({ instalments: isChosen() ? rows() : [] }));
(page.document.instalments ?? []).forEach(addRow);
document.getElementById("document-editor").addEventListener("totals", (event) => { payable = event.detail.payable; tell(); });
terms.addEventListener("change", tell);
list.addEventListener("input", touched);
list.addEventListener("change", touched);
by("instalment-make")?.addEventListener("click", share);
by("instalment-add")?.addEventListener("click", () => { addRow().querySelector("input").focus(); touched(); });
tell();
