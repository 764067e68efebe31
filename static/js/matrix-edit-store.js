// What is not saved yet: a queue that outlives a lost connection and a reload, sent in order, a batch at a time.
import { PARTS, pair, share } from "./matrix-edit-model.js";
import { Shut, ask, read } from "./wire.js";

const BATCH = 100;
const LARGEST_PARTING = 60000; // bytes; browsers let no more outlive a page
const SENT_TO = { cell: "cells", part: "parts" };
const RETRIES = [1000, 2000, 4000, 8000, 15000];

const REFUSED = "You may no longer change this matrix";

export class Store extends EventTarget {
  /** `matrix` is told of every answer; `addresses` has state, cells, items and parts; `person` is who is signed in. */
  constructor({ matrix, addresses, place, token, person }) {
    super();
    Object.assign(this, { matrix, addresses, place, token, person });
    const kept = place.read();
    this.queue = kept.queue ?? [];
    this.conflicts = new Map(kept.conflicts ?? []);
    this.#invite();
    this.refusals = kept.refusals ?? [];
    this.draft = kept.draft ?? null;
    for (const change of this.queue) delete change.sent;
    this.failures = 0;
    this.away = navigator.onLine === false;
    this.shut = "";
    this.answers = 0; // how many batches the server has answered
    this.isBehind = false; // whether it has to be asked once more how the matrix stands
    addEventListener("online", () => { this.away = false; this.failures = 0; this.catchUp(); });
    addEventListener("focus", () => { if (this.shut) this.catchUp(); }); // perhaps signed in again in another tab
    addEventListener("offline", () => { this.away = true; this.#tell(); });
    place.addEventListener("adopted", ({ detail }) => this.#adopt(detail));
    for (const gone of ["moved", "taken"]) place.addEventListener(gone, () => this.#leave());
  }

  /** Whom a conflict is about keeps a column, so that it can be settled where it stands. */
  #invite() {
    for (const { person } of this.conflicts.values()) if (person) this.matrix.invited.add(person);
  }

  /** Another tab has what was unsaved here. */
  #leave() {
    this.queue = this.queue.filter((one) => one.sent);
    this.conflicts.clear();
    this.text = "";
    this.#changed(true);
    this.catchUp();
  }

  #adopt(left) {
    Object.assign(this.matrix.aliases, left.aliases);
    for (const change of left.queue ?? []) { delete change.sent; this.queue.push(change); }
    for (const [key, value] of left.conflicts ?? []) this.conflicts.set(key, value);
    this.#invite();
    this.refusals.push(...(left.refusals ?? []));
    this.text = "";
    const isNew = left.draft && !this.draft;
    if (isNew) this.draft = left.draft;
    this.#changed(true);
    if (isNew) this.dispatchEvent(new Event("draft"));
    this.catchUp();
  }

  keep() {
    const { queue, refusals, draft } = this;
    const kept = { queue, refusals, draft, conflicts: [...this.conflicts], aliases: this.matrix.aliases };
    const isEmpty = !queue.length && !refusals.length && !draft && !this.conflicts.size;
    this.place.write(isEmpty ? null : kept);
  }

  /** What is being typed, so that a reload gives it back; null when it is done. */
  typing(draft) {
    this.draft = draft;
    this.keep();
  }

  /** Take a change on: it is drawn by the caller, kept here, and sent soon. */
  add(change) {
    const waiting = this.#waitingFor(change);
    if (waiting) Object.assign(waiting, change.do === "part" ? { part: change.part } : { strength: change.strength, rationale: change.rationale });
    else this.queue.push({ ...change, ...this.#seen(change) });
    if (change.do === "cell") this.conflicts.delete(pair(change.upper, change.lower));
    if (change.do === "part") this.conflicts.delete(share(change.item, change.person));
    this.keep();
    this.#tell();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.flush(), 60);
  }

  /** An unsent change of the same cell, which the new one replaces; of an item's owners only the last one. */
  #waitingFor(change) {
    if (change.do === "cell") {
      return this.queue.find((one) => one.do === "cell" && !one.sent && one.upper === change.upper && one.lower === change.lower);
    }
    if (change.do !== "part") return undefined;
    const last = this.queue.findLast((one) => one.do === "part" && one.item === change.item);
    return last && !last.sent && last.person === change.person ? last : undefined;
  }

  /** The version this change was made upon; one that follows an unsaved change learns it from its answer. */
  #seen(change) {
    if (change.do === "cell") {
      const before = this.queue.some((one) => one.do === "cell" && one.upper === change.upper && one.lower === change.lower);
      return before ? {} : { version: this.matrix.base.links.get(pair(change.upper, change.lower))?.version ?? 0 };
    }
    if (change.do === "part") {
      const { matrix } = this; // as it is seen now, what is unsaved included: that goes first
      return { was: matrix.partOf(change.item, change.person), owner: matrix.view.parts.get(change.item)?.owner ?? 0 };
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
    if (this.isBehind) this.catchUp();
  }

  async #send() {
    const name = SENT_TO[this.queue[0].do] ?? "items";
    const end = this.queue.findIndex((one) => (SENT_TO[one.do] ?? "items") !== name);
    const batch = this.queue.slice(0, Math.min(end < 0 ? this.queue.length : end, BATCH));
    for (const change of batch) change.sent = true;
    this.#tell();
    const answer = await this.#post(this.addresses[name], { [name]: batch.map((one) => this.#wire(one)) });
    this.queue = this.queue.slice(batch.length);
    this.answers += 1;
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
    if (change.do === "part") {
      const { person, part, was, owner } = change;
      return { item: this.number(change.item) ?? 0, person, part, was, owner };
    }
    const after = change.after ? String(this.number(change.after) ?? change.after) : "";
    const key = change.do === "add" ? change.key : String(this.number(change.key) ?? change.key);
    const { name, was, version, kind } = change;
    return { do: change.do, key, name, was, version, kind, kpi_kind: change.kpiKind, after };
  }

  /** Take one answer into the base; true when the whole sheet has to be drawn anew. */
  #settle(change, answer) {
    if (change.do === "cell") return this.#settleCell(change, answer);
    if (change.do === "part") return this.#settlePart(change, answer);
    if (answer.outcome === "refused" || answer.outcome === "conflict") {
      this.refusals.push({ change, sentence: this.#said(change, answer) });
      if (change.do === "add") this.queue = this.queue.filter((one) => ![one.key, one.upper, one.lower, one.item].includes(change.key));
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

  #settlePart({ item, person, part }, answer) {
    const name = share(item, person);
    if (answer.outcome === "refused") {
      const said = `${this.matrix.names.get(person) ?? "Somebody"}, ${PARTS[part].word}: ${this.matrix.item(item)?.name ?? ""}`;
      this.refusals.push({ change: { item, person, part }, sentence: `${said} was not saved: ${answer.sentence}.` });
      return true;
    }
    const { owner, supports, who, when } = answer;
    this.matrix.base.parts.set(item, { owner, supports });
    if (answer.outcome === "saved") return false;
    const next = this.queue.findLast((one) => one.do === "part" && one.item === item && one.person === person);
    this.queue = this.queue.filter((one) => !(one.do === "part" && one.item === item)); // made upon what was not granted
    this.conflicts.set(name, { item, person, mine: { part: next?.part ?? part }, theirs: { owner, supports, who, when } });
    return true;
  }

  #titles({ upper, lower }) {
    return `${this.matrix.item(lower)?.name} × ${this.matrix.item(upper)?.name}`;
  }

  async #post(address, body, isRepeated = false) {
    const text = new Blob([JSON.stringify(body)], { type: "application/json" });
    const answer = await ask(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: text,
      keepalive: text.size < LARGEST_PARTING, // so that leaving the page does not cut it off
    });
    if (answer.status === 400 && !isRepeated) {
      await this.refresh(); // the session is another one: its token comes with the state
      return this.#post(address, body, true);
    }
    return read(answer, REFUSED);
  }

  /** Ask how the matrix stands now, and put what is unsaved on top; what was saved meanwhile may be missing there. */
  async refresh() {
    const before = this.answers;
    const { csrf, at, person, ...state } = await read(await ask(this.addresses.state), REFUSED);
    if (person !== this.person) throw new Shut("Somebody else has signed in");
    this.token = csrf;
    if (before !== this.answers) { this.isBehind = true; return; }
    this.at = at;
    const text = JSON.stringify(state);
    if (text === this.text) return;
    this.text = text;
    this.matrix.told(state);
    this.#changed(true);
  }

  /** After having been away: first how it stands, then what was kept. */
  async catchUp() {
    if (this.busy) { this.isBehind = true; return; } // as soon as what is on its way has arrived
    this.isBehind = false;
    this.shut = "";
    try {
      await this.refresh();
      this.away = false;
      await this.flush();
      if (this.isBehind) await this.catchUp();
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
    const { upper, lower, item, person, mine } = this.conflicts.get(name);
    this.conflicts.delete(name);
    if (isMine) this.add(item ? { do: "part", item, person, ...mine } : { do: "cell", upper, lower, ...mine });
    this.#changed(true);
  }

  forgetRefusals() {
    this.refusals = [];
    this.#changed(true);
  }
}
