// The cashier's page: open items with boxes to tick, money rows, and what remains between them.
import { dress } from "./form.js";
import { grouped, localize, plainNumber } from "./numbers.js";

const byId = (id) => document.getElementById(id);
const csrf = document.querySelector('meta[name="csrf-token"]')?.content || "";

const root = byId("cashier");
if (root) start(JSON.parse(byId("cashier-data").textContent));

function start(data) {
  const words = data.words;
  let open = { debits: [], credits: [], cheques: [] };
  let chosenByHand = data.chosen !== null;
  const party = byId("party");

  const make = (tag, props = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };
  const commas = (amount) => String(amount).replace(/\B(?=(\d{3})+$)/g, ",");
  const amountOf = (field) => Number(plainNumber(field?.value ?? "") || 0);
  const day = (iso) => localize(new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: "UTC" })
    .formatToParts(new Date(`${iso}T00:00:00Z`)).filter((p) => ["year", "month", "day"].includes(p.type))
    .sort((a, b) => ["year", "month", "day"].indexOf(a.type) - ["year", "month", "day"].indexOf(b.type)).map((p) => p.value).join("/"));

  // Items ------------------------------------------------------------------------------------
  const targets = () => (data.kind === "receipt" ? open.debits : open.credits);
  const sources = () => (data.kind === "receipt" ? open.credits : open.debits);

  function itemRow(item, isSource) {
    const box = make("input", { type: "checkbox", className: "form-check-input", value: item.id });
    box.dataset.open = item.open;
    const late = item.is_late && !isSource ? ` · ${words.late}` : "";
    const what = make("span", { className: "what" }, make("strong", { textContent: localize(item.title) }), make("small", { textContent: `${day(item.due_on)}${late}` }));
    const label = make("label", {}, box, what, make("bdi", { dir: "ltr", className: "num", textContent: grouped(item.open) }));
    const part = make("input", { type: "text", className: "form-control form-control-sm num part", hidden: true });
    part.setAttribute("aria-label", `${words.amount} ${item.title}`);
    part.dataset.rials = "";
    part.dataset.part = item.id;
    label.append(part);
    box.addEventListener("change", () => {
      part.hidden = !box.checked;
      if (box.checked) {
        const rest = money() - chosen();
        part.value = commas(isSource || rest <= 0 ? item.open : Math.min(item.open, rest));
      }
      if (!isSource) chosenByHand = true;
      sums();
    });
    part.addEventListener("input", () => { if (!isSource) chosenByHand = true; sums(); });
    part.addEventListener("click", (event) => event.preventDefault());
    const row = make("li", {}, label);
    dress(row);
    return row;
  }

  function tick(list, id, amount) {
    const box = list.querySelector(`input[value="${id}"]`);
    if (!box) return;
    const part = box.closest("label").querySelector("[data-part]");
    box.checked = amount > 0;
    part.hidden = !box.checked;
    part.value = amount > 0 ? commas(amount) : "";
  }

  async function load() {
    const key = party.value;
    byId("open-items").replaceChildren();
    byId("credit-items").replaceChildren();
    if (!key) { open = { debits: [], credits: [], cheques: [] }; sums(); return; }
    try {
      const answer = await fetch(`${data.urls.open}?customer=${encodeURIComponent(key)}`, { headers: { Accept: "application/json" } });
      open = await answer.json();
    } catch { say(words.offline); return; }
    byId("open-items").append(...targets().map((item) => itemRow(item, false)));
    byId("credit-items").append(...sources().map((item) => itemRow(item, true)));
    byId("open-none").hidden = targets().length > 0;
    byId("credit-title").hidden = sources().length === 0;
    for (const [id, amount] of data.chosen ?? []) tick(byId("open-items"), id, amount);
    for (const line of data.lines) if (line.method === "offset") tick(byId("credit-items"), line.item_id, line.amount);
    if (data.invoice_id) {
      for (const item of targets()) if (String(item.invoice_id) === data.invoice_id) { tick(byId("open-items"), item.id, item.open); chosenByHand = true; }
      const first = byId("lines").querySelector("[data-name=amount]");
      if (first && !first.value) { first.value = commas(chosen()); first.dispatchEvent(new Event("input")); }
    } else if (!chosenByHand) oldest();
    sums();
  }

  function oldest() {
    let rest = money();
    for (const item of targets()) {
      const amount = Math.min(item.open, Math.max(0, rest));
      tick(byId("open-items"), item.id, amount);
      rest -= amount;
    }
    chosenByHand = false;
    sums();
  }

  const parts = (id) => [...byId(id).querySelectorAll("li")].filter((row) => row.querySelector(":checked"))
    .map((row) => ({ item_id: row.querySelector("input[type=checkbox]").value, amount: plainNumber(row.querySelector("[data-part]").value) || "0" }));
  const total = (list) => list.reduce((sum, one) => sum + Number(one.amount), 0);
  const chosen = () => total(parts("open-items"));

  // Money ------------------------------------------------------------------------------------
  function field(name, label, { value = "", wide = false, rials = false, jalali = false, digits = false } = {}) {
    const input = make("input", { type: "text", className: "form-control", value, autocomplete: "off" });
    input.dataset.name = name;
    if (rials) input.dataset.rials = "";
    if (jalali) { input.dataset.jdp = ""; input.inputMode = "numeric"; }
    if (jalali || digits) { input.dir = "ltr"; input.classList.add("num"); }
    return make("label", { className: wide ? "wide" : "" }, make("span", { className: "form-label", textContent: label }), input);
  }

  function details(row, method, line) {
    const box = row.querySelector(".cashier-details");
    box.replaceChildren();
    if (method === "cheque") {
      const typed = line?.cheque ?? {};
      if (data.kind === "payment") {
        const choice = make("select", { className: "form-select" }, make("option", { value: "", textContent: words.typed }),
          ...open.cheques.map((one) => make("option", { value: one.id, textContent: `${words.in_hand}: ${localize(one.title)} · ${one.bank} · ${day(one.due_on)} · ${grouped(one.amount)}` })));
        choice.dataset.name = "cheque_id";
        choice.dataset.plain = "";
        choice.value = line?.cheque_id ?? "";
        choice.addEventListener("change", () => {
          const held = open.cheques.find((one) => String(one.id) === choice.value);
          for (const input of box.querySelectorAll("[data-cheque]")) input.hidden = Boolean(held);
          if (held) { const amount = row.querySelector("[data-name=amount]"); amount.value = commas(held.amount); sums(true); }
        });
        box.append(make("label", { className: "wide" }, make("span", { className: "form-label", textContent: words.method }), choice));
      }
      for (const [name, more] of [["due_on", { jalali: true }], ["sayad_id", { digits: true }], ["number", { digits: true }], ["bank", {}]]) {
        const made = field(name, words[name], { value: typed[name] ?? "", ...more });
        if (name === "due_on" && typed.due_on) made.querySelector("input").value = day(typed.due_on);
        made.dataset.cheque = name;
        box.append(made);
      }
    } else if (method === "card" || method === "transfer") {
      box.append(field("account", words.account, { value: line?.account ?? "" }), field("tracking", words.tracking, { value: line?.tracking ?? "", digits: true }));
    }
    dress(box);
  }

  function addLine(line, focus = true) {
    const method = make("select", { className: "form-select" }, ...data.methods.map((one) => make("option", { value: one.value, textContent: one.label })));
    method.dataset.name = "method";
    method.dataset.plain = "";
    method.value = line?.method ?? data.methods[0].value;
    const row = make("div", { className: "cashier-line" },
      make("label", {}, make("span", { className: "form-label", textContent: words.method }), method),
      field("amount", words.amount, { value: line?.amount ?? "", rials: true }),
      make("div", { className: "cashier-details wide" }));
    const remove = make("button", { type: "button", className: "btn btn-link btn-sm cashier-remove", textContent: words.remove });
    remove.addEventListener("click", () => { row.remove(); if (!byId("lines").children.length) addLine(); sums(true); });
    row.append(remove);
    method.addEventListener("change", () => details(row, method.value, null));
    byId("lines").append(row);
    dress(row);
    details(row, method.value, line);
    row.querySelector("[data-name=amount]").addEventListener("input", () => sums(true));
    const rest = chosen() - money();
    if (!line && chosenByHand && rest > 0) { row.querySelector("[data-name=amount]").value = commas(rest); sums(); }
    if (focus) row.querySelector("[data-name=amount]").focus();
  }

  const rows = () => [...byId("lines").children];
  const money = () => rows().reduce((sum, row) => sum + amountOf(row.querySelector("[data-name=amount]")), 0) + total(parts("credit-items"));

  function sums(moneyChanged = false) {
    if (moneyChanged && !chosenByHand) { oldest(); return; }
    byId("sum-money").textContent = grouped(money());
    byId("sum-chosen").textContent = grouped(chosen());
    byId("sum-rest").textContent = grouped(money() - chosen());
  }

  // Saving -----------------------------------------------------------------------------------
  function read() {
    const lines = rows().filter((row) => amountOf(row.querySelector("[data-name=amount]")) || row.querySelector("[data-name=cheque_id]")?.value || !total(parts("credit-items"))).map((row) => {
      const value = (name) => row.querySelector(`[data-name=${name}]`)?.value ?? "";
      const line = { method: value("method"), amount: plainNumber(value("amount")) ?? value("amount"), account: value("account"), tracking: value("tracking") };
      if (line.method === "cheque") {
        line.cheque_id = value("cheque_id");
        line.cheque = { due_on: value("due_on"), sayad_id: value("sayad_id"), number: value("number"), bank: value("bank") };
      }
      return line;
    });
    for (const part of parts("credit-items")) lines.push({ method: "offset", ...part });
    return {
      kind: data.kind, version: data.version, customer_id: party.value, paid_on: byId("paid-on").value, reference: byId("reference").value, note: byId("note").value,
      lines, chosen: chosenByHand ? parts("open-items") : null,
    };
  }

  function say(text) {
    byId("cashier-live").textContent = text;
    byId("cashier-live").hidden = !text;
  }

  function showErrors(body) {
    const list = byId("cashier-errors");
    const texts = body.errors?.length ? body.errors.map((one) => one.message) : [body.message];
    list.replaceChildren(...[...new Set(texts)].map((text) => make("li", { textContent: text })));
    list.hidden = false;
    for (const bad of root.querySelectorAll(".is-bad")) { bad.classList.remove("is-bad"); bad.removeAttribute("aria-invalid"); }
    for (const error of body.errors ?? []) {
      const found = /^lines\[(\d+)\]\.(?:cheque\.)?(\w+)$/.exec(error.path);
      const bad = rows()[Number(found?.[1])]?.querySelector(`[data-name=${found?.[2]}]`);
      bad?.classList.add("is-bad");
      bad?.setAttribute("aria-invalid", "true");
    }
    (root.querySelector(".is-bad") ?? list).scrollIntoView({ block: "center" });
    root.querySelector(".is-bad")?.focus();
  }

  async function save(post) {
    say(words.saving);
    try {
      const answer = await fetch(data.urls.save, {
        method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
        body: JSON.stringify({ ...read(), post }),
      });
      const body = await answer.json();
      say("");
      if (answer.ok) window.location.assign(body.url);
      else showErrors(body);
    } catch { say(words.offline); }
  }

  party.addEventListener("change", () => { data.chosen = null; data.invoice_id = ""; chosenByHand = false; load(); });
  byId("oldest").addEventListener("click", oldest);
  byId("add-line").addEventListener("click", () => addLine());
  byId("save").addEventListener("click", () => save(false));
  byId("post")?.addEventListener("click", () => save(true));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.code === "KeyS") { event.preventDefault(); save(false); }
    if (event.altKey && event.code === "KeyN") { event.preventDefault(); addLine(); }
    if (event.altKey && event.code === "KeyO") { event.preventDefault(); oldest(); }
  });
  for (const line of data.lines) if (line.method !== "offset") addLine(line, false);
  if (!rows().length) addLine(null, false);
  load();
}
