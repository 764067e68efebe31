// The matrix as its editor sees it: what the server said last, with every change that is not saved yet on top.
// Items go by keys that never change while the page lives: the number as text, or new:… for what was added here.

export const SIDES = ["south", "west", "north", "east"];

export const pair = (upper, lower) => `${upper}|${lower}`;

/** The name of a cell in the owner grid. */
export const share = (item, person) => `${item}@${person}`;

export const PARTS = { responsible: { glyph: "●", word: "responsible" }, supports: { glyph: "○", word: "supports" }, none: { glyph: "–", word: "no part" } };

/** Arms with their items, links by pair, and by item who is responsible and who supports. */
class Sheet {
  constructor(arms, links, parts) {
    this.arms = Object.fromEntries(SIDES.map((side) => {
      const items = arms[side].items.map((item) => ({ ...item }));
      return [side, { ...arms[side], items }];
    }));
    this.links = new Map(links);
    this.parts = new Map([...parts].map(([key, one]) => [key, { owner: one.owner, supports: [...one.supports] }]));
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
    const act = { cell: this.#cell, add: this.#add, rename: this.#rename, place: this.#place, withdraw: this.#withdraw, part: this.#part };
    act[change.do].call(this, change);
  }

  #cell({ upper, lower, strength, rationale }) {
    if (strength) this.links.set(pair(upper, lower), { upper, lower, strength, rationale, version: 0 });
    else this.links.delete(pair(upper, lower));
  }

  /** Exactly one is responsible; an action has many helpers, an objective one sponsor and a KPI one reporter. */
  #part({ item, person, part }) {
    const kind = this.armOf(item)?.kind;
    const now = this.parts.get(item) ?? { owner: null, supports: [] };
    const isAlone = kind !== "action";
    let { owner, supports } = now;
    if (part === "responsible") owner = person;
    else if (owner === person) owner = null;
    if (part === "supports") supports = isAlone ? [person] : [...supports.filter((one) => one !== person), person];
    else if (part === "none" || !isAlone) supports = supports.filter((one) => one !== person);
    this.parts.set(item, { owner, supports });
  }

  partOf(item, person) {
    const { owner, supports } = this.parts.get(item) ?? { owner: null, supports: [] };
    if (owner === person) return "responsible";
    return supports.includes(person) ? "supports" : "none";
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
  constructor(state, aliases = {}, everybody = []) {
    this.aliases = aliases; // new:… → number, once the server has answered
    this.everybody = everybody; // who can be named: [number, name]
    this.names = new Map(everybody);
    this.invited = new Set(); // people whose column stands, with a part or without
    this.told(state);
  }

  /** Take what the server says now for the truth. */
  told(state) {
    this.questions = state.questions;
    this.owners = state.owners;
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
    const parts = state.parts.map(({ item, owner, supports }) => [keyOf(item), { owner, supports }]);
    for (const [person, name] of state.people) this.names.set(person, name);
    this.base = new Sheet(arms, links, parts);
    this.replay([]);
  }

  /** The view: the base with these changes on top. */
  replay(changes) {
    this.view = new Sheet(this.base.arms, this.base.links, this.base.parts);
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

  partOf(item, person) {
    return this.view.partOf(item, person);
  }

  /** The columns of the owner grid, by name: whoever has a part in one of its rows, and who was invited just now. */
  people() {
    const having = new Set(this.invited);
    for (const item of [...this.arms.north.items, ...this.arms.south.items]) {
      const { owner = null, supports = [] } = this.view.parts.get(item.key) ?? {};
      for (const one of [owner, ...supports]) if (one !== null) having.add(one);
    }
    for (const one of having) this.invited.add(one); // a column does not go while somebody stands in it
    const said = (one) => (this.names.get(one) ?? "").toLowerCase();
    return [...having].sort((a, b) => (said(a) < said(b) ? -1 : said(a) > said(b) ? 1 : a - b));
  }

  /** Whether somebody can support an item of this kind: an action's helpers, an objective's sponsor, a KPI's reporter. */
  canSupport(item) {
    return this.armOf(item)?.kind !== "priority";
  }

  /** Which of two kinds stands above: the question when it is the first, and whether it is; null when never linked. */
  question(one, other) {
    const down = this.questions[`${one} ${other}`];
    if (down) return { text: down, isDown: true };
    const up = this.questions[`${other} ${one}`];
    return up ? { text: up, isDown: false } : null;
  }

  /** The changes that take back what a new part moves: who was responsible, who supported, and this one's own part. */
  #inverseOfPart({ item, person, part }) {
    const { owner, supports } = this.view.parts.get(item) ?? { owner: null, supports: [] };
    const own = { do: "part", item, person, part: this.partOf(item, person) };
    if (part === "responsible" && owner !== null) {
      const back = { do: "part", item, person: owner, part: "responsible" };
      return own.part === "supports" ? [back, own] : [back];
    }
    const [other] = this.armOf(item)?.kind === "action" ? [] : supports;
    if (part === "supports" && other !== undefined && other !== person) {
      const back = { do: "part", item, person: other, part: "supports" };
      return own.part === "responsible" ? [own, back] : [back];
    }
    return [own];
  }

  /** Whether what a change left is still so: nobody else has changed it since. */
  stands(change) {
    if (change.do === "cell") {
      const now = this.link(change.upper, change.lower);
      return (now?.strength ?? 0) === change.strength && (now?.rationale ?? "") === change.rationale;
    }
    if (change.do === "part") return !this.item(change.item) || this.partOf(change.item, change.person) === change.part;
    return change.do !== "rename" || !this.item(change.key) || this.item(change.key).name === change.name;
  }

  /** A change in a few words, for whoever undoes it. */
  said(change) {
    const name = (key) => this.item(key)?.name ?? "an item";
    if (change.do === "cell") return `${this.word(change.strength)}: ${name(change.lower)} × ${name(change.upper)}`;
    if (change.do === "part") return `${this.names.get(change.person) ?? "somebody"}, ${PARTS[change.part].word}: ${name(change.item)}`;
    if (change.do === "rename") return `name “${change.name}”`;
    if (change.do === "place") return `place of “${name(change.key)}”`;
    return change.do === "add" ? `new “${change.name}”` : `“${name(change.key)}” taken back`;
  }

  /** The changes that take this one back; ask before applying it. */
  inverse(change) {
    if (change.do === "part") return this.#inverseOfPart(change);
    return [this.#inverse(change)];
  }

  #inverse(change) {
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
