// Says below a line of targets how it is understood, before it is sent; what is no figure is named.
import { pointOf, read } from "./locale-numbers.js";

/** One figure, or a range with two dots, as it is kept; null when it is none. */
function understood(text, point) {
  const ends = text.split("..").map((one) => read(one, point));
  return ends.length <= 2 && ends.every((one) => one) ? ends.join("–") : null;
}

function said(text, point) {
  const ends = text.trim().split(/\s*(?:→|->|\bto\b)\s*/);
  const figures = ends.length === 2 ? ends : text.trim().split(/[\s;]+/).filter(Boolean);
  const wrong = figures.find((one) => understood(one, point) === null);
  if (wrong !== undefined) return `“${wrong}” is no figure`;
  if (!figures.length) return "";
  const shown = figures.map((one) => understood(one, point));
  if (ends.length === 2) return `In even steps from ${shown[0]} to ${shown[1]}`;
  return shown.length === 1 ? `${shown[0]} for the rest of the year` : `${shown.length} periods: ${shown.join(" · ")}`;
}

for (const input of document.querySelectorAll("input[data-targets]")) {
  const echo = document.createElement("output");
  echo.className = "form-help";
  echo.htmlFor = input.id;
  input.after(echo);
  const show = () => { echo.textContent = said(input.value, pointOf()); };
  input.addEventListener("input", show);
  show();
}
