// The Jalali calendar under every input[data-jdp], also of those that come later; without its library nothing.
import { isPersian } from "./numbers.js";

const MONTHS_EN = ["Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"];
const DAYS_EN = ["Sa", "Su", "Mo", "Tu", "We", "Th", "Fr"];

/** Watch the date fields of the page. */
export function startDates() {
  if (!window.jalaliDatepicker) return;
  const words = isPersian() ? {} : { months: MONTHS_EN, days: DAYS_EN };
  const settings = (field) => ({
    time: field?.dataset.jdpTime !== undefined, hasSecond: false, persianDigits: false, autoReadOnlyInput: false,
    zIndex: 2000, topSpace: 6, bottomSpace: 6, showCloseBtn: false, useDropDownYears: true, ...words,
  });
  window.jalaliDatepicker.startWatch(settings());
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("input[data-jdp]")) window.jalaliDatepicker.updateOptions(settings(event.target));
  }, true);
}
