// The chart of a book. The table below it says the same in figures; without this script only that remains.
import { grouped, localizeText } from "./numbers.js";

const canvas = document.getElementById("book-chart");
const data = document.getElementById("book-data");

function draw() {
  const { labels, values } = JSON.parse(data.textContent);
  const style = getComputedStyle(document.body);
  const colour = (name, usual) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || usual;
  const isRtl = document.documentElement.dir === "rtl";
  const { Chart } = window;
  Chart.defaults.font.family = style.fontFamily;
  Chart.defaults.color = style.color;
  const amount = (value) => new Intl.NumberFormat(isRtl ? "fa-IR" : "en", { notation: "compact" }).format(value);
  return new Chart(canvas, {
    type: "bar",
    data: { labels: labels.map(localizeText), datasets: [{ data: values, backgroundColor: colour("--primary", "#0f766e"), borderRadius: 4, maxBarThickness: 48 }] },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 250 },
      plugins: {
        legend: { display: false },
        tooltip: { rtl: isRtl, textDirection: isRtl ? "rtl" : "ltr", callbacks: { label: (item) => grouped(String(item.raw)) } },
      },
      scales: {
        x: { reverse: isRtl, grid: { display: false } },
        y: { position: isRtl ? "right" : "left", ticks: { callback: amount }, grid: { color: colour("--line", "#ddd") } },
      },
    },
  });
}

if (canvas && data && window.Chart) draw();
