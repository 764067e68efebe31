// A block out of a spreadsheet: first a preview of every figure as it is understood, then it goes into the cells.
import { block } from "./grid-keys.js";
import { pointOf, read, readRange } from "./locale-numbers.js";

const WAYS = { actual: "actuals only", turn: "plan and actual in turn", plan: "plans only" };

/** The text of one cell as the server takes it; null when it is no figure. */
export function understood(cell, text, point) {
  if (cell.name.endsWith("note")) return text.trim();
  return cell.name.endsWith("range") ? readRange(text, point, cell.uom) : read(text, point, cell.uom);
}

/** What a block would put where: a list of {cell, typed, value}, and how many figures found no open cell. */
export function planned(chart, from, table, { way, point }) {
  const found = { changes: [], left: 0 };
  const rows = chart.rowsBelow(from.row, way);
  table.forEach((line, dy) => line.forEach((text, dx) => {
    if (text.trim() === "") return;
    const cell = rows[dy] && chart.cell(rows[dy], from.m + dx);
    if (!cell || !cell.isOpen) { found.left += 1; return; }
    const value = understood(cell, text, point);
    if (value === cell.raw) return;
    found.changes.push({ cell, typed: text.trim(), value });
  }));
  return found;
}

function element(name, more = {}, ...children) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
}

function choice(name, legend, options, chosen, onChange) {
  const group = element("fieldset", { className: "paste-choice" }, element("legend", { textContent: legend }));
  for (const [value, label] of options) {
    const input = element("input", { type: "radio", name, value, checked: value === chosen, className: "form-check-input" });
    input.addEventListener("change", () => onChange(value));
    group.append(element("label", {}, input, ` ${label}`));
  }
  return group;
}

function preview({ changes, left }) {
  const body = element("tbody");
  for (const { cell, typed, value } of changes) {
    const is = value === null ? `✗ no figure: “${typed}”, kept and marked` : value;
    body.append(element("tr", { className: value === null ? "is-wrong" : "" },
      element("th", { scope: "row", textContent: cell.title }), element("td", { textContent: cell.said }),
      element("td", { className: "num", textContent: cell.raw || "–" }), element("td", { className: "num", textContent: is })));
  }
  const head = element("thead", {}, element("tr", {}, ...["KPI", "Cell", "Now", "Will be"].map((text, place) =>
    element("th", { scope: "col", textContent: text, className: place > 1 ? "num" : "" }))));
  const table = element("table", { className: "data-table" }, head, body);
  const rest = left ? `${left} ${left === 1 ? "figure has" : "figures have"} no open cell (locked, another frequency, or beyond the chart) and ${left === 1 ? "is" : "are"} left out.` : "";
  return [element("div", { className: "paste-preview", tabIndex: 0, role: "region", ariaLabel: "What will be filled" }, table), element("p", { className: "muted", textContent: rest })];
}

/** Ask before a block goes in; `fill` gets the changes. */
export function offer({ chart, from, text, fill }) {
  const table = block(text);
  const asked = { point: pointOf(), way: from.row.dataset.kpi && chart.isPlan(from.row) ? (table.length > 1 && table.length % 2 === 0 ? "turn" : "plan") : "actual" };
  const dialog = element("dialog", { className: "paste-dialog" });
  dialog.setAttribute("aria-labelledby", "paste-title");
  const place = element("div");
  const fillButton = element("button", { type: "button", className: "btn btn-primary" });
  let found;
  const draw = () => {
    found = planned(chart, from, table, asked);
    const good = found.changes.filter((one) => one.value !== null).length;
    place.replaceChildren(...preview(found));
    fillButton.textContent = `Fill ${good} ${good === 1 ? "cell" : "cells"}`;
    fillButton.disabled = !found.changes.length;
  };
  const ways = chart.isPlan(from.row) ? ["turn", "plan"] : ["actual", "turn"];
  dialog.append(
    element("h2", { id: "paste-title", textContent: "Paste into the chart" }),
    choice("point", "A figure is written", [[".", "1,234.5"], [",", "1.234,5"]], asked.point, (value) => { asked.point = value; draw(); }),
    table.length > 1 ? choice("way", "The rows are", ways.map((way) => [way, WAYS[way]]), asked.way, (value) => { asked.way = value; draw(); }) : "",
    place,
    element("div", { className: "btn-row" }, fillButton, element("button", { type: "button", className: "btn btn-link", textContent: "Cancel", onclick: () => dialog.close() })),
  );
  fillButton.addEventListener("click", () => { dialog.close(); fill(found.changes); });
  dialog.addEventListener("close", () => { dialog.remove(); from.td.focus(); });
  document.body.append(dialog);
  draw();
  dialog.showModal();
  fillButton.focus();
}
