// What of a bowling chart is not saved yet: kept through a lost connection and a reload, sent a batch at a time.
import { Shut, ask, read } from "./wire.js";

const BATCH = 300;
const RETRIES = [1000, 2000, 4000, 8000, 15000];

const REFUSED = "You may no longer fill this chart";

export class Store extends EventTarget {
  /** `desk` says where to send, `place` is where this tab keeps things; `token` is the form's secret. */
  constructor({ desk, place, token }) {
    super();
    Object.assign(this, { desk, place, token, entries: new Map(Object.entries(place.read())), failures: 0, shut: "", at: "" });
    this.away = navigator.onLine === false;
    place.addEventListener("adopted", ({ detail }) => this.#adopt(detail));
    for (const gone of ["moved", "taken"]) place.addEventListener(gone, () => { this.entries.clear(); this.#changed(); });
    addEventListener("online", () => { this.away = false; this.failures = 0; this.flush(); });
    addEventListener("offline", () => { this.away = true; this.#tell(); });
    addEventListener("pagehide", () => this.flush());
  }

  /** Entries that wait to be sent; the others wait for the reader. */
  get waiting() {
    return [...this.entries.values()].filter((one) => !one.wrong && !one.clash && !one.asks);
  }

  of(kind) {
    return [...this.entries.values()].filter((one) => one[kind]);
  }

  keep() {
    this.place.write(this.entries.size ? Object.fromEntries(this.entries) : null);
    this.#tell();
  }

  /** What a closed tab has left; what was typed here since stands. */
  #adopt(left) {
    for (const [id, entry] of Object.entries(left)) if (!this.entries.has(id)) this.entries.set(id, entry);
    this.#changed();
    this.flush();
  }

  #changed() {
    this.keep();
    this.dispatchEvent(new Event("settled"));
  }

  /** Take a typed cell on: {id, kpi, period, name, text, seen, version, title}; the same cell typed again replaces it. */
  add(entry) {
    const before = this.entries.get(entry.id);
    this.entries.set(entry.id, before ? { ...entry, seen: before.seen, version: before.version } : entry);
    this.keep();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.flush(), 150);
  }

  drop(ids) {
    for (const id of ids) this.entries.delete(id);
    this.keep();
  }

  /** Amendments go again with their reason and the month they begin with. */
  explain(reason, first) {
    for (const one of this.of("asks")) Object.assign(one, { asks: "", reason, first });
    this.keep();
    this.flush();
  }

  async flush() {
    if (this.busy || this.shut || !this.waiting.length) return;
    clearTimeout(this.later);
    this.busy = true;
    try {
      while (this.waiting.length) await this.#send();
      this.failures = 0;
      this.away = false;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.busy = false;
      this.#tell();
    }
    if (this.of("asks").length) this.dispatchEvent(new Event("asks"));
  }

  /** One batch: a reading's figures go one after the other, because each counts its version up. */
  #batch() {
    const taken = new Map();
    const [first] = this.waiting;
    for (const one of this.waiting) {
      const place = `${one.kpi} ${one.period}`;
      if (taken.size < BATCH && !taken.has(place) && one.reason === first.reason && one.first === first.first) taken.set(place, one);
    }
    return [...taken.values()];
  }

  async #send() {
    const batch = this.#batch();
    const sent = batch.map(({ text }) => text);
    this.#tell();
    const cells = batch.map(({ kpi, period, name, text, seen, version }) => ({ kpi, period, name, text, seen, version }));
    const { reason = "", first = "" } = batch[0];
    const answer = await this.#post({ cells, reason, first });
    this.at = answer.at;
    this.dispatchEvent(new CustomEvent("rows", { detail: answer.rows }));
    batch.forEach((entry, index) => this.#settle(entry, answer.cells[index], sent[index]));
    this.amendments = answer.amendments.length ? answer.amendments : this.amendments;
    this.keep();
    this.dispatchEvent(new Event("settled"));
  }

  #settle(entry, { outcome, sentence }, sent) {
    const now = this.entries.get(entry.id);
    const stands = this.stands(entry);
    if (outcome === "saved") {
      this.proposed = "";
      if (now?.text === sent) this.entries.delete(entry.id);
      for (const one of this.entries.values()) {
        if (one.kpi === entry.kpi && one.period === entry.period && stands) one.version = stands.version;
      }
      if (now && now.text !== sent) now.seen = sent;
    } else if (outcome === "proposed") {
      if (now?.text === sent) this.entries.delete(entry.id);
      this.proposed = `${entry.title}: ${sentence}`;
    } else if (outcome === "stale") this.#clash(now, stands);
    else Object.assign(now, outcome === "reason" ? { asks: sentence } : { wrong: sentence });
  }

  /** Somebody saved first: where they wrote the same, or in another cell of the same month, mine goes on top. */
  #clash(entry, stands) {
    if (!entry || !stands) return;
    if (stands.raw === entry.text) this.entries.delete(entry.id);
    else if (stands.raw === entry.seen && stands.version !== entry.version) entry.version = stands.version;
    else Object.assign(entry, { clash: true, theirs: stands.raw, version: stands.version, seen: stands.raw });
  }

  async #post(body, isRepeated = false) {
    const text = JSON.stringify(body);
    const answer = await ask(this.desk.cells, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: text,
      keepalive: text.length < 60_000,
    });
    if (answer.status === 400 && !isRepeated) {
      this.token = (await read(await ask(this.desk.token), REFUSED)).csrf;
      return this.#post(body, true);
    }
    return read(answer, REFUSED);
  }

  #failed(error) {
    if (error instanceof Shut) { this.shut = error.message; return; }
    this.away = true;
    const wait = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
    this.failures += 1;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.flush(), wait);
  }

  #tell() {
    this.dispatchEvent(new Event("status"));
  }
}
