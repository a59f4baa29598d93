// Digits and amounts: ASCII inside, the locale's digits on the screen.
const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";
const ARABIC = "٠١٢٣٤٥٦٧٨٩";

export const isPersian = () => document.documentElement.lang.startsWith("fa");

export function toAscii(text) {
  return String(text ?? "").replace(/[۰-۹٠-٩]/g, (d) => {
    const place = PERSIAN.indexOf(d);
    return String(place >= 0 ? place : ARABIC.indexOf(d));
  });
}

export function localize(text) {
  const value = String(text ?? "");
  return isPersian() ? value.replace(/[0-9]/g, (d) => PERSIAN[d]) : value;
}

/** Text with the locale's digits; codes and names with Latin letters keep theirs (A4, DRY-0050). */
export function localizeText(text) {
  const value = String(text ?? "");
  return /[A-Za-z]/.test(value) ? value : localize(value);
}

/** Text as an element; a Latin code before a Persian name keeps its own direction. */
export function runs(text) {
  const [, code, rest] = /^([A-Za-z]\S*) (.*[\u0600-\u06ff].*)$/.exec(text) ?? [null, "", text];
  const all = document.createElement("span");
  for (const part of [code, rest].filter(Boolean)) {
    const run = document.createElement("bdi");
    run.textContent = localizeText(part);
    if (all.childNodes.length) all.append(" ");
    all.append(run);
  }
  return all;
}

/** Parts of a line (`code · city · phone`), each in its own direction and digits. */
export function line(text) {
  const all = document.createDocumentFragment();
  String(text ?? "").split(" · ").forEach((part, place) => {
    const run = document.createElement("bdi");
    if (/^\+\d+$/.test(part)) run.dir = "ltr";
    run.textContent = localizeText(part.replace(/^\+98(?=\d{10}$)/, "0"));
    all.append(place ? " · " : "", run);
  });
  return all;
}

/** A number as typed or pasted, as a plain decimal string; null when it is not one. */
export function plainNumber(text) {
  const value = toAscii(text).replace(/[\s,٬،_\u00a0\u200c\u200e\u200f]/g, "").replace(/٫/g, ".").replace(/^−/, "-");
  if (value === "") return "";
  return /^-?\d+(\.\d+)?$/.test(value) ? value : null;
}

/** A plain decimal string with separators and the locale's digits. */
export function grouped(value) {
  const text = String(value ?? "");
  if (!/^-?\d+(\.\d+)?$/.test(text)) return localize(text);
  const [whole, part] = text.split(".");
  const shown = whole.replace(/\B(?=(\d{3})+$)/g, isPersian() ? "٬" : ",");
  return localize(part ? `${shown}${isPersian() ? "٫" : "."}${part}` : shown);
}
