// The X-matrix editor: brings together what is edited, how it is drawn, what is unsaved, and what the reader does.
import { Drawing } from "./matrix-edit-draw.js";
import { entrust, listen, reorder, strengthen } from "./matrix-edit-keys.js";
import { PARTS, Matrix } from "./matrix-edit-model.js";
import { nameSomebody } from "./matrix-edit-owners.js";
import { listenToPaste } from "./matrix-edit-paste.js";
import { Store } from "./matrix-edit-store.js";
import { settle, writeName, writeNew, writeReason } from "./matrix-edit-write.js";
import { Place, lately } from "./tab-store.js";

const POLL = 20000;

class Desk {
  constructor(root) {
    this.root = root;
    const { state, setting, addresses, keptAs, people } = root.dataset;
    const told = JSON.parse(state);
    this.place = new Place(keptAs);
    const undo = this.place.readUndo();
    this.matrix = new Matrix(told, { ...undo.aliases, ...this.place.read().aliases }, JSON.parse(people));
    this.store = new Store({
      matrix: this.matrix, addresses: JSON.parse(addresses), place: this.place, person: told.person,
      token: document.querySelector("meta[name=csrf-token]").content,
    });
    this.store.at = told.at;
    this.matrix.replay(this.store.queue);
    this.drawing = new Drawing({
      svg: root.querySelector("svg"), setting: JSON.parse(setting), matrix: this.matrix, conflicts: this.store.conflicts,
    });
    root.querySelector("[data-bar]").hidden = false;
    this.past = undo.past ?? [];
    this.future = undo.future ?? [];
    this.#listen();
    this.#showStatus();
    this.#showTools();
    this.#goOnTyping();
    this.store.flush();
  }

  #listen() {
    listen(this);
    listenToPaste(this);
    this.store.addEventListener("redraw", () => this.drawing.redraw());
    this.store.addEventListener("status", () => this.#showStatus());
    this.store.addEventListener("draft", () => this.#goOnTyping());
    this.drawing.svg.addEventListener("moved", () => this.#showTools());
    this.root.addEventListener("click", (event) => this.#act(event.target.closest("[data-act]")?.dataset.act));
    addEventListener("pagehide", () => { this.#keepUndo(); this.store.flush(); });
    setInterval(() => {
      const isIdle = document.visibilityState === "visible" && !this.store.queue.length && !this.store.away;
      if (isIdle && !document.querySelector(".matrix-pop, dialog[open]")) this.store.catchUp();
    }, POLL);
  }

  // ---------------------------------------------------------------- changes

  /** Changes that are done, kept and undone together; drawn at once, saved a moment later. */
  perform(changes) {
    if (!changes.length) return;
    const back = this.#apply(changes);
    this.past.push({ forth: changes, back });
    this.future = [];
    this.#keepUndo();
    this.#showTools();
  }

  /** Do these changes; returns for each of them the changes that take it back. */
  #apply(changes) {
    const back = [];
    for (const change of changes) {
      back.push(this.matrix.inverse(change));
      this.store.add(change);
      this.matrix.apply(change);
    }
    this.#draw(changes);
    this.#showTools();
    return back;
  }

  #draw(changes) {
    const isSmall = changes.length < 20 && changes.every((one) => one.do === "cell" || one.do === "part");
    const isDrawn = isSmall && changes.every((one) => {
      if (one.do === "part") return this.drawing.touchParts(one.item);
      this.drawing.touch(one.upper, one.lower);
      return true;
    });
    if (!isDrawn) this.drawing.redraw();
  }

  undo() {
    const step = this.past.pop();
    if (!step) { this.announce("Nothing to be undone"); return; }
    const said = this.#said(step);
    const kept = step.forth.map((one) => this.matrix.stands(one)); // what somebody has changed since stays as it is
    const back = step.back.filter((_, index) => kept[index]).reverse().flat();
    this.#apply(back);
    const forth = step.forth.filter((_, index) => kept[index]);
    if (forth.length) this.future.push({ forth, back: step.back.filter((_, index) => kept[index]) });
    this.#told("Undone", said, forth.length, step.forth.length);
  }

  redo() {
    const step = this.future.pop();
    if (!step) { this.announce("Nothing to be done again"); return; }
    const kept = step.back.map((some) => some.every((one) => this.matrix.stands(one)));
    const forth = step.forth.filter((_, index) => kept[index]);
    const back = this.#apply(forth);
    if (forth.length) this.past.push({ forth, back });
    this.#told("Done again", this.#said(step), forth.length, step.forth.length);
  }

  #told(word, said, done, of) {
    if (!done) this.announce(`Left as it is, for it has changed since: ${said}`);
    else this.announce(done === of ? `${word}: ${said}` : `${word}: ${done} of ${of} changes; the rest has changed since`);
    this.#keepUndo();
    this.#showTools();
  }

  #said({ forth }) {
    return forth.length === 1 ? this.matrix.said(forth[0]) : `${forth.length} changes, ${this.matrix.said(forth[0])}…`;
  }

  /** Undo outlives a reload of the page, not the tab. */
  #keepUndo() {
    this.place.writeUndo({ past: lately(this.past), future: lately(this.future), aliases: this.matrix.aliases });
  }

  // ---------------------------------------------------------------- what is said

  announce(text) {
    const place = this.root.querySelector("[data-announce]");
    place.textContent = place.textContent === text ? `${text}\u00A0` : text;
  }

  help() {
    document.querySelector("[data-matrix-help]").showModal();
  }

  #showStatus() {
    const { store } = this;
    const count = store.queue.length;
    const kept = `${count} ${count === 1 ? "change" : "changes"} kept`;
    const clashes = store.conflicts.size;
    let text = store.at ? `Saved ${store.at}` : "Everything is saved";
    let kind = "saved";
    if (store.shut) [text, kind] = [`${store.shut}: ${kept}`, "wrong"];
    else if (store.away) [text, kind] = [`Offline: ${kept}`, "away"];
    else if (count) [text, kind] = ["Saving…", "saving"];
    clearTimeout(this.later);
    const show = () => { const place = this.root.querySelector("[data-status]"); place.textContent = text; place.dataset.is = kind; };
    if (kind === "saving") this.later = setTimeout(show, 700);
    else show();
    this.root.querySelector("[data-sign-in]").hidden = store.shut !== "Signed out";
    const clash = this.root.querySelector("[data-act=clash]");
    clash.hidden = !clashes;
    clash.textContent = `${clashes} ${clashes === 1 ? "cell needs" : "cells need"} your choice`;
    this.#showRefusals();
  }

  #showRefusals() {
    const place = this.root.querySelector("[data-refused]");
    const { refusals } = this.store;
    place.hidden = !refusals.length;
    const shown = refusals.map(({ sentence }) => { const line = document.createElement("li"); line.textContent = sentence; return line; });
    if (place.childElementCount !== shown.length) place.querySelector("ul").replaceChildren(...shown);
  }

  /** The line under the drawing: where the reader is, in words and with the buttons that fit. */
  #showTools() {
    const cell = this.drawing.current;
    if (!cell) return;
    this.root.querySelector("[data-said]").textContent = this.#sentence(cell);
    for (const group of this.root.querySelectorAll("[data-for]")) {
      group.hidden = group.dataset.for !== (cell.type === "slot" && !cell.item ? "arm" : cell.type);
    }
    if (cell.type === "cell") {
      const now = this.matrix.link(cell.upper.key, cell.lower.key)?.strength ?? 0;
      for (const one of this.root.querySelectorAll("[data-points]")) one.setAttribute("aria-pressed", String(Number(one.dataset.points) === now));
    }
    if (cell.type === "part") {
      const now = this.matrix.partOf(cell.item.key, cell.person);
      for (const one of this.root.querySelectorAll("[data-part-as]")) one.setAttribute("aria-pressed", String(one.dataset.partAs === now));
      this.root.querySelector("[data-part-as=supports]").hidden = !this.matrix.canSupport(cell.item.key);
    }
    this.#showSteps();
  }

  /** What Undo and Redo would do, on the buttons themselves. */
  #showSteps() {
    for (const [act, steps, key] of [["undo", this.past, "Ctrl+Z"], ["redo", this.future, "Ctrl+Shift+Z"]]) {
      const made = this.root.querySelector(`[data-act=${act}]`);
      const said = steps.length ? this.#said(steps.at(-1)) : "";
      made.disabled = !steps.length;
      made.title = said ? `${said} (${key})` : key;
      made.querySelector("[data-of]").textContent = said;
    }
  }

  #sentence(cell) {
    if (cell.type === "cell" || cell.type === "part") return this.drawing.sentence(cell);
    if (cell.type === "slot") {
      const arm = this.matrix.arms[cell.side];
      return cell.item ? `${arm.one[0].toUpperCase()}${arm.one.slice(1)} ${cell.index + 1}: ${cell.item.name}` : `${arm.label}: none yet.`;
    }
    if (cell.type === "owner") return `${this.matrix.names.get(cell.person) ?? ""}: ● responsible, ○ supports.`;
    if (cell.type === "somebody") return "Name somebody else who answers for something here, or supports it.";
    if (cell.type === "inert" && cell.person !== undefined) return "This KPI is at home in another unit; who answers for it is said there.";
    return cell.type === "centre" ? "The centre: the vision that everything here serves." : "Items of these two arms are never linked.";
  }

  // ---------------------------------------------------------------- buttons

  #act(act) {
    const cell = this.drawing.current;
    const acts = {
      undo: () => this.undo(),
      redo: () => this.redo(),
      help: () => this.help(),
      clash: () => this.#goToClash(),
      seen: () => this.store.forgetRefusals(),
      9: () => strengthen(this, cell, 9),
      3: () => strengthen(this, cell, 3),
      1: () => strengthen(this, cell, 1),
      0: () => strengthen(this, cell, 0),
      ...Object.fromEntries(Object.keys(PARTS).map((part) => [part, () => entrust(this, cell, part)])),
      somebody: () => nameSomebody(this, cell),
      why: () => (this.store.conflicts.has(cell.name) ? settle(this, cell) : writeReason(this, cell)),
      rename: () => writeName(this, cell),
      add: () => writeNew(this, cell),
      nearer: () => reorder(this, cell, -1),
      farther: () => reorder(this, cell, 1),
    };
    acts[act]?.();
  }

  #goToClash() {
    const [name] = this.store.conflicts.keys();
    const cell = this.drawing.byPair.get(name);
    if (!cell) { this.store.conflicts.delete(name); this.#showStatus(); return; }
    this.drawing.move(cell);
    settle(this, cell);
  }

  /** What an earlier page, or a tab that is closed, was in the middle of. */
  #goOnTyping() {
    const { draft } = this.store;
    if (!draft || document.querySelector(".matrix-pop, dialog[open]")) return;
    const slot = this.drawing.find({ slot: draft.key ?? "", side: draft.side ?? this.matrix.sideOf(draft.key) });
    const cell = this.drawing.byPair.get(draft.name);
    if (draft.what === "reason" && cell) writeReason(this, cell, draft.text);
    else if (draft.what === "name" && slot?.item) writeName(this, slot, draft.text);
    else if (draft.what === "new" && slot) writeNew(this, slot, draft.text);
  }
}

for (const root of document.querySelectorAll("[data-matrix-editor]")) root.desk = new Desk(root);
