// The theme a reader chose: light, dark or as the system says. A classic script in the head, not a module, so that
// the choice stands before the first paint and no page flashes.
(() => {
  const KEY = "hoshin-theme";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const paper = window.matchMedia("print");

  function chosen() {
    try {
      const kept = localStorage.getItem(KEY);
      return kept === "light" || kept === "dark" ? kept : "auto";
    } catch {
      return "auto"; // storage refused: the system decides
    }
  }

  function apply(choice) {
    const dark = !paper.matches && (choice === "dark" || (choice === "auto" && system.matches)); // ink is dark
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  }

  function choose(choice) {
    try {
      if (choice === "auto") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, choice);
    } catch {
      // the choice then lasts as long as the page
    }
    apply(choice);
  }

  apply(chosen());
  for (const one of [system, paper]) one.addEventListener("change", () => apply(chosen()));
  window.addEventListener("beforeprint", () => root.setAttribute("data-bs-theme", "light"));
  window.addEventListener("afterprint", () => apply(chosen()));
  document.addEventListener("DOMContentLoaded", () => {
    for (const toggle of document.querySelectorAll("[data-theme-toggle]")) toggle.hidden = false;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.addEventListener("click", () => choose(button.dataset.themeChoice));
    }
    apply(chosen());
  });
})();
