// The matrix as its editor sees it: what the server said last, with every change that is not saved yet on top.
// Items go by keys that never change while the page lives: the number as text, or new:… for what was added here.

export const SIDES = ["south", "west", "north", "east"];

export const pair = (upper, lower) => `${upper}|${lower}`;

/** Arms with their items, and links by pair. */
class Sheet {
  constructor(arms, links) {
    this.arms = Object.fromEntries(SIDES.map((side) => {
      const items = arms[side].items.map((item) => ({ ...item }));
      return [side, { ...arms[side], items }];
    }));
    this.links = new Map(links);
  }

  items() {
    return SIDES.flatMap((side) => this.arms[side].items);
  }

  armOf(key) {
    return Object.values(this.arms).find((arm) => arm.items.some((one) => one.key === key));
  }

  item(key) {
    return this.items().find((one) => one.key === key);
  }

  apply(change) {
    const act = { cell: this.#cell, add: this.#add, rename: this.#rename, place: this.#place, withdraw: this.#withdraw };
    act[change.do].call(this, change);
  }

  #cell({ upper, lower, strength, rationale }) {
    if (strength) this.links.set(pair(upper, lower), { upper, lower, strength, rationale, version: 0 });
    else this.links.delete(pair(upper, lower));
  }

  #add({ key, kind, kpiKind, name, after }) {
    const arm = Object.values(this.arms).find((one) => one.kind === kind && (one.kpiKind || "") === (kpiKind || ""));
    if (!arm || this.item(key)) return;
    const at = after ? arm.items.findIndex((one) => one.key === after) + 1 : 0;
    const last = this.#lastOwn(arm);
    arm.items.splice(Math.min(at || last, last), 0, { key, id: null, name, version: 0, draft: true, own: true });
  }

  #rename({ key, name }) {
    const item = this.item(key);
    if (item) item.name = name;
  }

  #place({ key, after }) {
    const arm = this.armOf(key);
    if (!arm) return;
    const [item] = arm.items.splice(arm.items.findIndex((one) => one.key === key), 1);
    const at = arm.items.findIndex((one) => one.key === after) + 1;
    arm.items.splice(Math.min(at, this.#lastOwn(arm)), 0, item);
  }

  #withdraw({ key }) {
    const arm = this.armOf(key);
    if (arm) arm.items = arm.items.filter((one) => one.key !== key);
    for (const [name, link] of this.links) if (link.upper === key || link.lower === key) this.links.delete(name);
  }

  /** Shared KPIs stand behind the unit's own. */
  #lastOwn(arm) {
    const at = arm.items.findIndex((one) => !one.own);
    return at < 0 ? arm.items.length : at;
  }
}

export class Matrix {
  constructor(state, aliases = {}) {
    this.aliases = aliases; // new:… → number, once the server has answered
    this.told(state);
  }

  /** Take what the server says now for the truth. */
  told(state) {
    this.questions = state.questions;
    this.grades = state.grades;
    const names = new Map(Object.entries(this.aliases).map(([key, id]) => [String(id), key]));
    const keyOf = (id) => names.get(String(id)) ?? String(id);
    const arms = Object.fromEntries(SIDES.map((side) => {
      const arm = state.arms[side];
      return [side, { ...arm, items: arm.items.map((item) => ({ ...item, key: keyOf(item.id) })) }];
    }));
    const links = state.links.map((link) => {
      const [upper, lower] = [keyOf(link.upper), keyOf(link.lower)];
      return [pair(upper, lower), { ...link, upper, lower }];
    });
    this.base = new Sheet(arms, links);
    this.replay([]);
  }

  /** The view: the base with these changes on top. */
  replay(changes) {
    this.view = new Sheet(this.base.arms, this.base.links);
    for (const change of changes) this.view.apply(change);
  }

  get arms() {
    return this.view.arms;
  }

  apply(change) {
    this.view.apply(change);
  }

  armOf(key) {
    return this.view.armOf(key);
  }

  sideOf(key) {
    return SIDES.find((side) => this.arms[side].items.some((one) => one.key === key));
  }

  item(key) {
    return this.view.item(key);
  }

  link(upper, lower) {
    return this.view.links.get(pair(upper, lower));
  }

  /** Which of two kinds stands above: the question when it is the first, and whether it is; null when never linked. */
  question(one, other) {
    const down = this.questions[`${one} ${other}`];
    if (down) return { text: down, isDown: true };
    const up = this.questions[`${other} ${one}`];
    return up ? { text: up, isDown: false } : null;
  }

  /** The change that takes this one back; ask before applying it. */
  inverse(change) {
    const { key } = change;
    if (change.do === "cell") {
      const now = this.link(change.upper, change.lower);
      return { ...change, strength: now?.strength ?? 0, rationale: now?.rationale ?? "" };
    }
    if (change.do === "add") return { do: "withdraw", key };
    if (change.do === "rename") return { do: "rename", key, name: this.item(key)?.name ?? change.was, was: change.name };
    const arm = this.armOf(key);
    const at = arm.items.findIndex((one) => one.key === key);
    const after = arm.items[at - 1]?.key ?? "";
    if (change.do === "place") return { do: "place", key, after };
    return { do: "add", key, kind: arm.kind, kpiKind: arm.kpiKind, name: arm.items[at].name, after };
  }

  word(strength) {
    return strength ? this.grades[strength].word : "no link";
  }

  glyph(strength) {
    return strength ? this.grades[strength].glyph : "–";
  }
}
