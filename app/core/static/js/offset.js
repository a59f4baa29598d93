// Offsetting: the amount that both chosen items can bear stands in the box until somebody types another.
import { dress } from "./form.js";
import { plainNumber } from "./numbers.js";

const form = document.getElementById("offset");
const amount = document.getElementById("amount");
let typed = false;

function fits() {
  const open = ["credit", "debit"].map((name) => Number(form.querySelector(`[name=${name}]:checked`)?.dataset.open || 0));
  return Math.min(...open);
}

function show() {
  const most = fits();
  if (!typed) amount.value = most ? String(most).replace(/\B(?=(\d{3})+$)/g, ",") : "";
  amount.setCustomValidity("");
}

if (form) {
  dress(form);
  form.addEventListener("change", (event) => { if (event.target.type === "radio") show(); });
  amount.addEventListener("input", () => { typed = plainNumber(amount.value) !== ""; });
  show();
  form.querySelector("[name=credit]:checked")?.focus();
}
