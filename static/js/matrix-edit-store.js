// What is not saved yet: a queue that outlives a lost connection and a reload, sent in order, a batch at a time.
import { pair } from "./matrix-edit-model.js";

const BATCH = 100;
const PATIENCE = 30000;
const LARGEST_PARTING = 60000; // bytes; browsers let no more outlive a page
const RETRIES = [1000, 2000, 4000, 8000, 15000];

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? {};
  } catch {
    return {}; // storage refused or spoilt: the queue then lives as long as the page
  }
}

export class Store extends EventTarget {
  /** `matrix` is told of every answer; `addresses` has state, cells and items; `person` is who is signed in. */
  constructor({ matrix, addresses, name, token, person }) {
    super();
    Object.assign(this, { matrix, addresses, token, person });
    this.name = this.#claim(name);
    const kept = read(this.name);
    this.queue = kept.queue ?? [];
    this.conflicts = new Map(kept.conflicts ?? []);
    this.refusals = kept.refusals ?? [];
    this.draft = kept.draft ?? null;
    for (const change of this.queue) delete change.sent;
    this.failures = 0;
    this.away = navigator.onLine === false;
    this.shut = "";
    addEventListener("online", () => { this.away = false; this.failures = 0; this.catchUp(); });
    addEventListener("focus", () => { if (this.shut) this.catchUp(); }); // perhaps signed in again in another tab
    addEventListener("offline", () => { this.away = true; this.#tell(); });
  }

  /** Each tab keeps a queue of its own; a queue that no living tab holds is taken over. */
  #claim(name) {
    let tab = null;
    try {
      tab = sessionStorage.getItem("hoshin-tab") ?? crypto.randomUUID?.() ?? String(Math.random()).slice(2);
      sessionStorage.setItem("hoshin-tab", tab);
    } catch {
      return name;
    }
    if (!navigator.locks) return name;
    const mine = `${name}/${tab}`;
    navigator.locks.request(mine, { ifAvailable: true }, (lock) => (lock ? new Promise(() => {}) : this.#move(name)));
    this.#adopt(name, mine);
    return mine;
  }

  /** A duplicated tab begins with the same name: it takes another one, and nothing with it. */
  #move(name) {
    const tab = String(Math.random()).slice(2);
    sessionStorage.setItem("hoshin-tab", tab);
    this.name = `${name}/${tab}`;
    this.queue = [];
    this.conflicts.clear();
    navigator.locks.request(this.name, () => new Promise(() => {}));
    this.#changed();
    return null;
  }

  async #adopt(name, mine) {
    const { held } = await navigator.locks.query();
    const alive = new Set(held.map((lock) => lock.name));
    for (const other of Object.keys(localStorage)) {
      if (other === mine || !other.startsWith(`${name}/`) || alive.has(other)) continue;
      const left = read(other);
      localStorage.removeItem(other);
      Object.assign(this.matrix.aliases, left.aliases);
      for (const change of left.queue ?? []) { delete change.sent; this.queue.push(change); }
      for (const [key, value] of left.conflicts ?? []) this.conflicts.set(key, value);
      this.#changed(true);
      this.flush();
    }
  }

  keep() {
    const { queue, refusals, draft } = this;
    const kept = { queue, refusals, draft, conflicts: [...this.conflicts], aliases: this.matrix.aliases };
    const isEmpty = !queue.length && !refusals.length && !draft && !this.conflicts.size;
    try {
      if (isEmpty) localStorage.removeItem(this.name);
      else localStorage.setItem(this.name, JSON.stringify(kept));
    } catch {
      // full or refused: the page still holds it
    }
  }

  /** Aliases that an earlier page left behind, before there is a matrix. */
  static aliasesOf(name) {
    try {
      const tab = sessionStorage.getItem("hoshin-tab");
      return read(navigator.locks && tab ? `${name}/${tab}` : name).aliases ?? {};
    } catch {
      return {};
    }
  }

  /** What is being typed, so that a reload gives it back; null when it is done. */
  typing(draft) {
    this.draft = draft;
    this.keep();
  }

  /** Take a change on: it is drawn by the caller, kept here, and sent soon. */
  add(change) {
    const waiting = change.do === "cell" && this.queue.find(
      (one) => one.do === "cell" && !one.sent && one.upper === change.upper && one.lower === change.lower,
    );
    if (waiting) Object.assign(waiting, { strength: change.strength, rationale: change.rationale });
    else this.queue.push({ ...change, ...this.#seen(change) });
    if (change.do === "cell") this.conflicts.delete(pair(change.upper, change.lower));
    this.keep();
    this.#tell();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.flush(), 60);
  }

  /** The version this change was made upon; one that follows an unsaved change learns it from its answer. */
  #seen(change) {
    if (change.do === "cell") {
      const before = this.queue.some((one) => one.do === "cell" && one.upper === change.upper && one.lower === change.lower);
      return before ? {} : { version: this.matrix.base.links.get(pair(change.upper, change.lower))?.version ?? 0 };
    }
    return change.do === "rename" ? { version: this.matrix.item(change.key)?.version ?? 0 } : {};
  }

  number(key) {
    return this.matrix.aliases[key] ?? (/^\d+$/.test(key) ? Number(key) : null);
  }

  async flush() {
    if (this.busy || !this.queue.length || this.shut) return;
    clearTimeout(this.later);
    this.busy = true;
    try {
      while (this.queue.length) await this.#send();
      this.failures = 0;
      this.away = false;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.busy = false;
      for (const change of this.queue) delete change.sent;
      this.#tell();
    }
  }

  async #send() {
    const cells = this.queue[0].do === "cell";
    const end = this.queue.findIndex((one) => (one.do === "cell") !== cells);
    const batch = this.queue.slice(0, Math.min(end < 0 ? this.queue.length : end, BATCH));
    for (const change of batch) change.sent = true;
    this.#tell();
    const name = cells ? "cells" : "items";
    const answer = await this.#post(this.addresses[name], { [name]: batch.map((one) => this.#wire(one)) });
    this.queue = this.queue.slice(batch.length);
    this.at = answer.at;
    this.text = "";
    let isRedrawn = false;
    batch.forEach((change, index) => {
      isRedrawn = this.#settle(change, answer[name][index]) || isRedrawn;
    });
    this.#changed(isRedrawn);
  }

  #wire(change) {
    if (change.do === "cell") {
      const { strength, rationale, version } = change;
      return { upper: this.number(change.upper) ?? 0, lower: this.number(change.lower) ?? 0, strength, rationale, version: version ?? 0 };
    }
    const after = change.after ? String(this.number(change.after) ?? change.after) : "";
    const key = change.do === "add" ? change.key : String(this.number(change.key) ?? change.key);
    const { name, was, version, kind } = change;
    return { do: change.do, key, name, was, version, kind, kpi_kind: change.kpiKind, after };
  }

  /** Take one answer into the base; true when the whole sheet has to be drawn anew. */
  #settle(change, answer) {
    if (change.do === "cell") return this.#settleCell(change, answer);
    if (answer.outcome === "refused" || answer.outcome === "conflict") {
      this.refusals.push({ change, sentence: this.#said(change, answer) });
      if (change.do === "add") this.queue = this.queue.filter((one) => ![one.key, one.upper, one.lower].includes(change.key));
      if (answer.outcome === "conflict") this.#rebase({ ...change, name: answer.name }, answer);
      return true;
    }
    this.#rebase(change, answer);
    return answer.outcome === "exists";
  }

  #said(change, answer) {
    if (answer.outcome === "conflict") return `Somebody else has renamed this to “${answer.name}”; you wrote “${change.name}”.`;
    const name = change.name ?? this.matrix.item(change.key)?.name ?? "";
    return `“${name}” was not saved: ${answer.sentence}.`;
  }

  #rebase(change, answer) {
    if (change.do === "add") this.matrix.aliases[change.key] = answer.id;
    const { base, view, aliases } = this.matrix;
    const twin = change.do === "add" && base.items().find((one) => one.id === answer.id);
    if (twin) twin.key = change.key;
    base.apply(change);
    if (change.do === "withdraw") delete aliases[change.key];
    for (const one of [base.item(change.key), view.item(change.key)]) if (one) Object.assign(one, { id: answer.id, version: answer.version });
    for (const one of this.queue) if (one.do === "rename" && one.key === change.key) one.version = answer.version;
  }

  #settleCell(change, answer) {
    const name = pair(change.upper, change.lower);
    const { upper, lower } = change;
    const next = this.queue.find((one) => one.do === "cell" && one.upper === upper && one.lower === lower);
    const stands = answer.outcome === "conflict" ? answer.theirs : { strength: change.strength, rationale: change.rationale, version: answer.version };
    if (answer.outcome === "refused") this.refusals.push({ change, sentence: `${this.#titles(change)} was not saved: ${answer.sentence}.` });
    else if (stands.strength) this.matrix.base.links.set(name, { upper, lower, ...stands });
    else this.matrix.base.links.delete(name);
    if (next) next.version ??= stands.version ?? 0;
    if (answer.outcome === "conflict") {
      const mine = next ?? change;
      this.queue = this.queue.filter((one) => one !== next);
      this.conflicts.set(name, { upper, lower, mine: { strength: mine.strength, rationale: mine.rationale }, theirs: answer.theirs });
    }
    return answer.outcome !== "saved";
  }

  #titles({ upper, lower }) {
    return `${this.matrix.item(lower)?.name} × ${this.matrix.item(upper)?.name}`;
  }

  async #post(address, body, isRepeated = false) {
    const text = new Blob([JSON.stringify(body)], { type: "application/json" });
    const answer = await this.#fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: text,
      keepalive: text.size < LARGEST_PARTING, // so that leaving the page does not cut it off
    });
    if (answer.status === 400 && !isRepeated) {
      await this.refresh(); // the session is another one: its token comes with the state
      return this.#post(address, body, true);
    }
    return this.#read(answer);
  }

  async #fetch(address, options = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      return await fetch(address, { redirect: "manual", credentials: "same-origin", signal: stop.signal, ...options });
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(answer) {
    if (answer.type === "opaqueredirect") throw new Shut("Signed out");
    if (answer.status === 403 || answer.status === 404) throw new Shut("You may no longer change this matrix");
    if (answer.status === 400) throw new Shut("The server does not understand what was sent");
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  }

  /** Ask how the matrix stands now, and put what is unsaved on top. */
  async refresh() {
    const { csrf, at, person, ...state } = await this.#read(await this.#fetch(this.addresses.state));
    if (person !== this.person) throw new Shut("Somebody else has signed in");
    this.token = csrf;
    this.at = at;
    const text = JSON.stringify(state);
    if (text === this.text) return;
    this.text = text;
    this.matrix.told(state);
    this.#changed(true);
  }

  /** After having been away: first how it stands, then what was kept. */
  async catchUp() {
    if (this.busy) return;
    this.shut = "";
    try {
      await this.refresh();
      this.away = false;
      await this.flush();
    } catch (error) {
      this.#failed(error);
    }
    this.#tell();
  }

  #failed(error) {
    if (error instanceof Shut) { this.shut = error.message; return; }
    this.away = true;
    const wait = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
    this.failures += 1;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.catchUp(), wait);
  }

  #changed(isRedrawn = false) {
    this.matrix.replay(this.queue);
    this.keep();
    if (isRedrawn) this.dispatchEvent(new Event("redraw"));
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("status"));
  }

  /** A conflict is settled: mine is sent upon theirs, or theirs stays. */
  choose(name, isMine) {
    const { upper, lower, mine } = this.conflicts.get(name);
    this.conflicts.delete(name);
    if (isMine) this.add({ do: "cell", upper, lower, ...mine });
    this.#changed(true);
  }

  forgetRefusals() {
    this.refusals = [];
    this.#changed(true);
  }
}

class Shut extends Error {}
