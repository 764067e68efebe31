// A bowling chart is filled where it stands, as one fills a spreadsheet: type over, Enter, Tab, paste; saved cell by cell.
import { Store } from "./bowling-edit-store.js";
import { offer, understood } from "./bowling-edit-paste.js";
import { ask, choose } from "./bowling-edit-dialogs.js";
import { pointOf } from "./locale-numbers.js";
import { fromScaled, toScaled } from "./numbers.js";
import { line } from "./ramp.js";
import { Place, lately } from "./tab-store.js";

class Chart {
  constructor(table) {
    this.table = table;
  }

  get rows() {
    return [...this.table.querySelectorAll("tr[data-kpi]")];
  }

  isPlan(row) {
    return row.classList.contains("plan");
  }

  rowsBelow(row, way) {
    const rows = this.rows;
    return rows.slice(rows.indexOf(row)).filter((one) => way === "turn" || this.isPlan(one) === this.isPlan(row));
  }

  at(td) {
    return td && this.cell(td.parentElement, Number(td.dataset.m));
  }

  cell(row, m) {
    const td = row.querySelector(`[data-m="${m}"]`);
    if (!td) return null;
    const [name, kpi, period] = (td.dataset.cell ?? "..").split(".");
    const { raw = "", version, closed, said = "" } = td.dataset;
    return {
      td, row, m, id: td.dataset.cell, name, kpi: Number(kpi), period, raw, version: Number(version), closed, said,
      isOpen: Boolean(td.dataset.cell) && !closed, uom: row.dataset.uom, title: row.dataset.title,
    };
  }

  /** The note beside a figure of the whole year, as a cell of its own; null where none can be written. */
  beside(td) {
    if (!td?.dataset.noteCell) return null;
    const { noteCell: id, note: raw, noteSaid: said } = td.dataset;
    const [name, kpi, period] = id.split(".");
    return { ...this.at(td), id, name, kpi: Number(kpi), period, raw, version: 0, closed: "", isOpen: true, said: `${said}: note` };
  }

  /** The note beside a cell: a plan's and an actual's are two; whoever may record the actual writes both. */
  note(cell) {
    const beside = this.beside(cell.td);
    if (beside) return beside;
    const actual = this.other(cell, false);
    if (actual?.name !== "actual" || actual.closed) return null;
    const name = this.isPlan(cell.row) ? "plan_note" : "note";
    return { ...cell, id: `${name}.${actual.kpi}.${actual.period}`, name, raw: cell.td.dataset.note ?? "", closed: "", isOpen: true, said: `${cell.said}: note` };
  }

  /** The cell of the same KPI and month in its plan row or its actual row. */
  other(cell, isPlan) {
    const row = this.rows.find((one) => one.dataset.kpi === cell.row.dataset.kpi && this.isPlan(one) === isPlan);
    return row && this.cell(row, cell.m);
  }

  find(id) {
    const beside = this.beside(this.table.querySelector(`[data-note-cell="${CSS.escape(id)}"]`));
    if (beside) return beside;
    const [name, kpi, period] = id.split(".");
    const isOfMonth = name === "note" || name === "plan_note";
    const td = this.table.querySelector(`[data-cell="${CSS.escape(isOfMonth ? `actual.${kpi}.${period}` : id)}"]`);
    const cell = this.at(td);
    return isOfMonth ? cell && this.note(name === "note" ? cell : this.other(cell, true)) : cell;
  }
}

/** Whether a cell is words beside a figure, not the figure. */
function isNote({ name }) {
  return name === "note" || name.endsWith("_note");
}

/** Whether two texts say the same figure. */
function isSame(one, other) {
  const [a, b] = [one, other].map((text) => toScaled(text));
  return one === other || (a !== null && a === b);
}

/** A step of undo in a few words. */
function stepSaid(step) {
  const [{ said, left }] = step;
  return step.length === 1 ? `${said} ${left || "emptied"}` : `${step.length} cells from ${said}`;
}

class Desk {
  constructor(root) {
    this.root = root;
    this.desk = JSON.parse(root.dataset.bowlingDesk);
    this.table = root.querySelector("table.bowling");
    this.chart = new Chart(this.table);
    this.point = pointOf();
    this.place = new Place(this.desk.kept_as);
    this.past = this.place.readUndo().past ?? [];
    this.store = new Store({ desk: this.desk, place: this.place, token: document.querySelector("meta[name=csrf-token]").content });
    this.store.stands = ({ id }) => {
      const cell = this.chart.find(id);
      return cell && { raw: cell.raw, version: cell.name === "forecast" ? 0 : cell.version };
    };
    this.table.setAttribute("role", "grid");
    root.querySelector("[data-strip]").hidden = false;
    for (const one of document.querySelectorAll("[data-filling]")) one.hidden = false;
    this.#prepare(this.table);
    this.#listen();
    this.#draw();
    this.#show(this.table.querySelector("td[tabindex='0']"));
    this.store.flush();
  }

  /** Narrow windows begin at the month that is asked for, not at the first one. */
  #show(td) {
    const wrap = this.table.parentElement;
    const name = this.table.querySelector("th.name")?.offsetWidth ?? 0;
    if (td && td.offsetLeft + td.offsetWidth > wrap.clientWidth) wrap.scrollLeft = td.offsetLeft - name - (wrap.clientWidth - name) / 2;
  }

  #prepare(place) {
    for (const td of place.querySelectorAll("td[data-m]")) {
      td.tabIndex = -1;
      if (td.dataset.closed) td.setAttribute("aria-readonly", "true");
    }
    if (!this.table.querySelector("td[tabindex='0']")) {
      const start = this.table.querySelector(".actual td.col-now[data-cell]") ?? this.table.querySelector("td[data-cell]");
      if (start) start.tabIndex = 0;
    }
  }

  #listen() {
    const { table, store } = this;
    table.addEventListener("keydown", (event) => this.#key(event));
    table.addEventListener("focusin", (event) => { if (event.target.matches("td[data-m]")) this.#arrive(event.target); });
    table.addEventListener("dblclick", (event) => this.#pointed(event, true));
    table.addEventListener("click", (event) => this.#pointed(event, false));
    table.addEventListener("paste", (event) => this.#paste(event));
    table.addEventListener("copy", (event) => this.#copy(event));
    store.addEventListener("status", () => this.#status());
    store.addEventListener("settled", () => this.#draw());
    store.addEventListener("rows", (event) => this.#replace(event.detail));
    store.addEventListener("asks", () => this.#ask());
    this.root.addEventListener("click", (event) => this.#act(event.target.closest("[data-act]")?.dataset.act));
  }

  // ---------------------------------------------------------------- going about

  #arrive(td) {
    const before = this.table.querySelector("td[tabindex='0']");
    if (before && before !== td) before.tabIndex = -1;
    td.tabIndex = 0;
    this.here = { row: td.parentElement, m: Number(td.dataset.m) };
    this.#say();
  }

  get current() {
    return this.here && this.chart.cell(this.here.row, this.here.m);
  }

  #pointed(event, edits) {
    const td = event.target.closest("td[data-m]");
    if (!td || event.target.closest("a, input")) return;
    const wasHere = document.activeElement === td;
    td.focus();
    const entry = this.store.entries.get(td.dataset.cell);
    if (entry?.clash) this.#choose(entry);
    else if (edits || (wasHere && matchMedia("(pointer: coarse)").matches)) this.#edit(this.chart.at(td));
  }

  #go(dx, dy, { same = false } = {}) {
    const rows = same ? this.chart.rows.filter((one) => this.chart.isPlan(one) === this.chart.isPlan(this.here.row)) : this.chart.rows;
    let y = rows.indexOf(this.here.row) + dy;
    let { m } = this.here;
    m += dx;
    for (; y >= 0 && y < rows.length && m >= -2 && m < 20; y += Math.sign(dy), m += Math.sign(dx)) {
      const cell = this.chart.cell(rows[y], m);
      if (cell) { cell.td.focus(); return true; }
      if (!dx && !dy) break;
    }
    return false;
  }

  #alongRow(way) {
    const all = [...this.here.row.querySelectorAll("td[data-m]")];
    const rest = way > 0 ? all.slice(all.findIndex((one) => Number(one.dataset.m) === this.here.m) + 1) : all.slice(0, all.findIndex((one) => Number(one.dataset.m) === this.here.m)).reverse();
    const next = rest.find((one) => this.chart.at(one).isOpen);
    next?.focus();
    return Boolean(next);
  }

  #key(event) {
    const { key } = event;
    if (event.target.matches("input")) { this.#typing(event); return; }
    if (!event.target.matches("td[data-m]") || event.altKey) return;
    const cell = this.current;
    const done = () => event.preventDefault();
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") { done(); this.undo(); return; }
    if (event.ctrlKey || event.metaKey) {
      const ends = { ArrowLeft: "first", ArrowRight: "last", Home: "first", End: "last" }[key];
      if (ends) { done(); [...this.here.row.querySelectorAll("td[data-m]")].at(ends === "first" ? 0 : -1).focus(); }
      return;
    }
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (steps[key]) { done(); this.#go(...steps[key]); }
    else if (key === "Home") { done(); this.here.row.querySelector("td[data-m='0']").focus(); }
    else if (key === "End") { done(); [...this.here.row.querySelectorAll("td[data-m]")].at(-1).focus(); }
    else if (key === "Tab") { if (this.#alongRow(event.shiftKey ? -1 : 1)) done(); }
    else if (key === "F2" && event.shiftKey) { done(); this.note(); }
    else if (key === "F2" || key === "Enter") { done(); this.#open(cell); }
    else if (key === "Delete" || key === "Backspace") { done(); if (this.#mayType(cell)) this.put([{ cell, typed: "", value: "" }]); }
    else if (key.length === 1 && /[\d.,+\-−(]/.test(key)) { done(); this.#edit(cell, key); }
  }

  #open(cell) {
    const entry = this.store.entries.get(cell.id);
    if (entry?.clash) this.#choose(entry);
    else this.#edit(cell);
  }

  #mayType(cell) {
    if (cell.isOpen) return true;
    const why = { locked: "This month is locked.", derived: "This figure is not typed here; a note can stand beside it.", agreed: "This target was agreed; the head of the unit amends it, and who answers for the KPI can propose another one on its page." }[cell.closed];
    this.announce(why ?? (cell.id ? "You may not change this cell." : "Nothing is typed here: no period of this KPI ends with this month."));
    return false;
  }

  // ---------------------------------------------------------------- typing

  /** A field over the cell; with `begun` it begins with that sign, and arrows leave it. */
  #edit(cell, begun = null) {
    if (!this.#mayType(cell) || cell.td.querySelector("input")) return;
    const entry = this.store.entries.get(cell.id);
    const input = document.createElement("input");
    input.className = "cell-input";
    input.setAttribute("aria-label", `${cell.title}, ${cell.said}`);
    input.autocomplete = "off";
    if (!cell.name.endsWith("range")) input.inputMode = "decimal";
    input.value = begun ?? entry?.typed ?? entry?.text ?? cell.raw;
    this.open = { cell, input, over: begun !== null };
    cell.td.append(input);
    input.focus();
    if (begun === null) input.select();
    input.addEventListener("blur", () => this.#close(true));
  }

  #close(saves) {
    if (!this.open) return;
    const { cell, input } = this.open;
    this.open = null;
    const typed = input.value;
    input.remove();
    const before = this.store.entries.get(cell.id);
    const stood = before?.typed ?? before?.text ?? cell.raw;
    if (saves && typed.trim() !== stood) this.put([{ cell, typed: typed.trim(), value: understood(cell, typed, this.point) }]);
  }

  #typing(event) {
    const { key } = event;
    const leave = (go) => {
      event.preventDefault();
      event.stopPropagation();
      const { cell } = this.open;
      this.#close(key !== "Escape");
      this.here = { row: this.chart.find(cell.id)?.row ?? cell.row, m: cell.m };
      if (!go?.()) this.current.td.focus();
    };
    if (key === "Escape") leave();
    else if (key === "Enter") leave(() => this.#go(0, event.shiftKey ? -1 : 1, { same: true }));
    else if (key === "Tab") leave(() => this.#alongRow(event.shiftKey ? -1 : 1));
    else if (key === "ArrowDown" || key === "ArrowUp") leave(() => this.#go(0, key === "ArrowUp" ? -1 : 1));
    else if (this.open?.over && (key === "ArrowLeft" || key === "ArrowRight")) leave(() => this.#go(key === "ArrowLeft" ? -1 : 1, 0));
  }

  /** Figures go into their cells, are drawn at once and saved soon; what is no figure is marked and kept. */
  put(changes, { isUndo = false } = {}) {
    if (!changes.length) return;
    const back = changes.map(({ cell, typed, value }) => ({ id: cell.id, typed: this.#value(cell), left: value ?? typed, said: `${cell.title}, ${cell.said}` }));
    if (!isUndo) this.#remember(back);
    const same = [];
    for (const { cell, typed, value } of changes) {
      const { id, kpi, period, name, raw, version, title, said } = cell;
      const entry = { id, kpi, period, name, text: value ?? typed, typed, seen: raw, version: version || 0, title: `${title}, ${said}` };
      if (value === null) entry.wrong = `“${typed}” is no figure; write it like ${this.point === "," ? "1250,5" : "1250.5"}`;
      if (value === raw && !this.store.entries.get(id)) same.push(id);
      else this.store.add(entry);
    }
    this.#draw();
    this.announce(changes.length === 1 ? "" : `${changes.length - same.length} cells filled`);
  }

  undo() {
    const back = this.past.pop();
    if (!back) { this.announce("Nothing to be undone"); return; }
    this.#remember();
    const still = back.map((one) => ({ ...one, cell: this.chart.find(one.id) })).filter(({ cell, left }) => cell?.isOpen && isSame(this.#value(cell), left));
    this.put(still.map(({ cell, typed }) => ({ cell, typed, value: typed })), { isUndo: true });
    this.#draw();
    const said = stepSaid(back);
    if (!still.length) this.announce(`Left as it is, for it has changed since: ${said}`);
    else this.announce(still.length === back.length ? `Undone: ${said}` : `Undone: ${still.length} of ${back.length} cells; the rest has changed since`);
  }

  /** Undo outlives a reload of the page, not the tab. */
  #remember(step = null) {
    if (step) this.past.push(step);
    this.place.writeUndo({ past: lately(this.past) });
  }

  note() {
    const cell = this.current && this.chart.note(this.current);
    if (!cell) { this.announce("A note stands with a figure of an open month, or of the year."); return; }
    const entry = this.store.entries.get(cell.id);
    if (entry?.clash) { this.#choose(entry); return; }
    ask({ title: `Note to ${cell.title}, ${cell.said.replace(/: note$/, "")}`, label: "One line", value: entry?.text ?? cell.raw, back: cell.td,
      save: (text) => this.put([{ cell, typed: text, value: text.split(/\s+/).join(" ").trim() }]) });
  }

  #paste(event) {
    const text = event.clipboardData.getData("text/plain");
    const cell = this.current;
    if (event.target.matches("input") && !/[\t\n]/.test(text.trim())) return;
    if (!cell || !text.trim()) return;
    event.preventDefault();
    this.#close(false);
    if (/[\t\n]/.test(text.trim())) offer({ chart: this.chart, from: cell, text: text.replace(/\s*\n$/, "\n"), fill: (changes) => this.put(changes) });
    else if (this.#mayType(cell)) this.put([{ cell, typed: text.trim(), value: understood(cell, text, this.point) }]);
  }

  #copy(event) {
    if (event.target.matches("input") || !this.current?.id || String(getSelection())) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", this.store.entries.get(this.current.id)?.text ?? this.current.raw);
  }

  // ---------------------------------------------------------------- helpers of a row

  #rest() {
    const { row, m } = this.here;
    return [...row.querySelectorAll("td[data-m]")].map((td) => this.chart.at(td)).filter((one) => one.isOpen && one.m >= m && one.name === this.current.name);
  }

  #value(cell) {
    return this.store.entries.get(cell.id)?.text ?? cell.raw;
  }

  across() {
    const cells = this.#rest();
    const value = cells[0] && this.#value(cells[0]);
    if (!value) { this.announce("Go to a figure that is to be copied across."); return; }
    this.put(cells.slice(1).filter((one) => this.#value(one) !== value).map((cell) => ({ cell, typed: value, value })));
  }

  ramp() {
    const cells = this.#rest();
    const last = cells.findLastIndex((one) => this.#value(one) !== "");
    const ends = [cells[0], cells[last]].map((one) => one && toScaled(this.#value(one)));
    if (last < 2 || ends.some((one) => one === null || one === undefined)) {
      this.announce("Go to the first figure of a row that has a last one too: what lies between is filled in even steps.");
      return;
    }
    const fine = 10n ** BigInt(4 - Math.min(4, Math.max(1, ...[0, last].map((at) => (this.#value(cells[at]).split(".")[1] ?? "").length))));
    const values = line(...ends, last + 1).map((one) => fromScaled(((one + (one < 0n ? -fine : fine) / 2n) / fine) * fine));
    this.put(cells.slice(1, last).map((cell, index) => ({ cell, typed: values[index + 1], value: values[index + 1] })));
  }

  // ---------------------------------------------------------------- what others say

  #choose(entry) {
    choose({ entry, back: this.chart.find(entry.id)?.td,
      mine: () => { entry.clash = false; this.store.keep(); this.store.flush(); this.#draw(); },
      theirs: () => { this.store.drop([entry.id]); this.#draw(); } });
  }

  #ask() {
    const asking = this.store.of("asks");
    if (document.querySelector("dialog[open]") || !asking.length) return;
    ask({
      title: `${asking.length === 1 ? "An agreed target" : `${asking.length} agreed targets`} will be ${this.desk.asked ? `proposed to ${this.desk.asked}` : "amended"}`,
      text: asking.slice(0, 12).map((one) => `${one.title}: ${one.seen || "none"} → ${one.text || "none"}`),
      label: "Why?", months: this.desk.months, first: this.desk.first, required: true, action: this.desk.asked ? "Propose" : "Amend", back: this.current?.td,
      save: (reason, first) => this.store.explain(reason, first),
      cancel: () => { this.store.drop(asking.map((one) => one.id)); this.#draw(); },
    });
  }

  #act(name) {
    if (name === "undo") this.undo();
    else if (name === "note") this.note();
    else if (name === "ramp") this.ramp();
    else if (name === "across") this.across();
    else if (name === "edit" && this.current) this.#open(this.current);
    else if (name === "keys") document.querySelector("[data-bowling-keys]").showModal();
    else if (name === "close-keys") document.querySelector("[data-bowling-keys]").close();
    else if (name === "drop") { this.store.drop(this.store.of("wrong").map((one) => one.id)); this.#draw(); }
  }

  // ---------------------------------------------------------------- drawing

  #replace(rows) {
    const focused = document.activeElement?.closest?.("td[data-m]")?.parentElement;
    const at = focused && { kpi: focused.dataset.kpi, isPlan: this.chart.isPlan(focused), m: this.here?.m };
    for (const [kpi, html] of Object.entries(rows)) {
      if (this.open?.cell.kpi === Number(kpi)) { this.#late ??= {}; this.#late[kpi] = html; continue; }
      const [plan, actual] = this.table.querySelectorAll(`tr[data-kpi="${kpi}"]`);
      if (!actual) continue;
      const made = document.createElement("template");
      made.innerHTML = html;
      const [newPlan, newActual] = made.content.querySelectorAll("tr");
      this.#prepare(made.content);
      plan.replaceWith(newPlan);
      actual.replaceWith(newActual);
      if (this.here?.row === plan) this.here.row = newPlan;
      if (this.here?.row === actual) this.here.row = newActual;
    }
    if (at && !document.activeElement?.closest?.("td[data-m]")) this.current?.td.focus({ preventScroll: true });
    this.#prepare(this.table);
    if (this.current) this.current.td.tabIndex = 0;
  }

  #late = null;

  /** Put what is unsaved over what the server said. */
  #draw() {
    if (this.#late && !this.open) { const late = this.#late; this.#late = null; this.#replace(late); }
    for (const td of this.table.querySelectorAll(".is-unsaved")) {
      td.classList.remove("is-unsaved", "is-wrong", "is-clash");
      td.removeAttribute("aria-invalid");
      const shown = td.querySelector(":scope > .unsaved");
      if (shown) { shown.remove(); for (const one of td.querySelectorAll("[data-under]")) { one.hidden = false; one.removeAttribute("data-under"); } }
      if (td.dataset.text !== undefined) { td.prepend(td.dataset.text); delete td.dataset.text; }
    }
    for (const entry of this.store.entries.values()) this.#overlay(entry);
    this.#status();
    this.#say();
  }

  #overlay(entry) {
    const cell = this.chart.find(entry.id);
    if (!cell) return;
    const { td } = cell;
    td.classList.add("is-unsaved");
    if (entry.wrong) td.setAttribute("aria-invalid", "true");
    td.classList.toggle("is-wrong", Boolean(entry.wrong));
    td.classList.toggle("is-clash", Boolean(entry.clash));
    if (isNote(entry)) return;
    const shown = document.createElement("span");
    shown.className = "unsaved";
    const mine = entry.typed || entry.text || "∅";
    shown.textContent = entry.clash ? `${mine} ≠ ${entry.theirs || "∅"}` : entry.wrong ? `${mine} ✗` : mine;
    const text = [...td.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => { const said = one.data; one.remove(); return said; }).join("").trim();
    td.dataset.text = text;
    for (const one of td.children) if (one.localName !== "input") { one.hidden = true; one.dataset.under = ""; }
    td.prepend(shown);
  }

  #status() {
    const { store } = this;
    const count = store.entries.size;
    const kept = `${count} ${count === 1 ? "cell" : "cells"} kept`;
    const [wrong, clashes, asks] = ["wrong", "clash", "asks"].map((kind) => store.of(kind).length);
    let [text, is] = [store.proposed || (store.at ? `Saved ${store.at}` : "Everything is saved"), "saved"];
    if (store.shut) [text, is] = [`${store.shut}: ${kept}`, "wrong"];
    else if (store.away && count) [text, is] = [`Offline: ${kept}`, "away"];
    else if (store.waiting.length) [text, is] = ["Saving…", "saving"];
    else if (wrong || clashes || asks) {
      const need = (some) => `${some} ${some === 1 ? "needs" : "need"}`;
      const said = [wrong && `${wrong} not saved`, clashes && `${need(clashes)} your choice`, asks && `${need(asks)} a reason`];
      [text, is] = [said.filter(Boolean).join(", "), "wrong"];
    }
    const place = this.root.querySelector("[data-status]");
    place.textContent = text;
    place.dataset.is = is;
    this.root.querySelector("[data-sign-in]").hidden = store.shut !== "Signed out";
    this.root.querySelector("[data-act=drop]").hidden = !wrong;
    const undo = this.root.querySelector("[data-act=undo]");
    const last = this.past.length ? stepSaid(this.past.at(-1)) : "";
    undo.disabled = !last;
    undo.title = last ? `${last} (Ctrl+Z)` : "Ctrl+Z";
    undo.querySelector("[data-of]").textContent = last;
  }

  #say() {
    const cell = this.current;
    const place = this.root.querySelector("[data-here]");
    if (!cell) return;
    const entry = this.store.entries.get(cell.id);
    const parts = [cell.title, cell.row.classList.contains("actual") ? cell.td.title || cell.said : `${cell.said}${cell.raw ? `: ${cell.raw}` : ""}`];
    if (cell.closed === "locked") parts.push("locked");
    if (this.chart.isPlan(cell.row) && cell.td.dataset.note) parts.push(`note: ${cell.td.dataset.note}`);
    if (entry?.wrong) parts.push(`not saved: ${entry.wrong}`);
    if (entry?.clash) parts.push(`you typed ${entry.text || "nothing"}, somebody else saved ${entry.theirs || "nothing"}: press Enter to choose`);
    place.textContent = parts.filter(Boolean).join(" · ");
    if (entry?.wrong || entry?.clash) this.announce(parts.at(-1));
  }

  announce(text) {
    if (!text) return;
    const place = this.root.querySelector("[data-announce]");
    place.textContent = place.textContent === text ? `${text}\u00a0` : text;
  }
}

for (const root of document.querySelectorAll("[data-bowling-desk]")) root.desk = new Desk(root);
