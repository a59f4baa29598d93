// Light or dark before the first paint: the choice of this browser, else the system's. Paper is light.
(function () {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const choice = () => { try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; } };
  const apply = () => {
    const wanted = choice();
    root.dataset.bsTheme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
  };
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("beforeprint", () => { root.dataset.bsTheme = "light"; });
  window.addEventListener("afterprint", apply);
  window.kartablTheme = {
    choice,
    choose(wanted) {
      try { localStorage.setItem("theme", wanted); } catch { /* a private window forgets it */ }
      apply();
    },
  };
})();
