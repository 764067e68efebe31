// Draws the sheet of the editor: the same geometry as hoshin/charts/x_matrix.py, as one grid of cells that a keyboard
// and a screen reader can walk: rows of the North, the centre's row with West and East, rows of the South.
import { PARTS, SIDES, pair, share } from "./matrix-edit-model.js";

const NS = "http://www.w3.org/2000/svg";
const TEXT_START = 24;
const LARGEST_MARK = 7.5;
const CAPTION = { size: 9.5, leading: 12, lines: 3, room: 70 };
const WAYS = { north: [0, -1], south: [0, 1], west: [-1, 0], east: [1, 0] };
const CORNERS = [["north", "west"], ["north", "east"], ["south", "west"], ["south", "east"]];
const GAP = 14; // between the East and the owners, as in hoshin/charts/matrix_plan.py
const SOMEBODY = "Somebody else…";

export function element(name, attributes = {}, text = "") {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

/** “ – because …”, whether or not the writer began with the word. */
export const because = (text) => (text ? ` – because ${text.replace(/^because\s+/i, "").replace(/[.\s]+$/, "")}` : "");

export class Drawing {
  constructor({ svg, setting, matrix, conflicts }) {
    Object.assign(this, { svg, setting, matrix, conflicts });
    this.palette = setting.palette;
    const pen = document.createElement("canvas").getContext("2d");
    this.pen = pen;
    this.corners = svg.querySelector("[data-layer=corners]");
    this.centre = svg.querySelector("[data-layer=centre]");
    this.legend = svg.querySelector("[data-layer=legend]");
    svg.querySelector("[data-layer=items]").replaceWith(this.grid = element("g", { role: "grid" }));
    svg.removeAttribute("class");
    svg.append(this.over = element("g", { "pointer-events": "none", "aria-hidden": "true" }));
    this.bands = [element("rect"), element("rect")];
    this.ring = [element("rect"), element("rect")];
    for (const band of this.bands) { band.setAttribute("fill", this.palette.accent); band.setAttribute("fill-opacity", "0.07"); }
    for (const [at, one] of this.ring.entries()) {
      for (const [key, value] of Object.entries({ fill: "none", rx: 2, stroke: at ? this.palette.accent : this.palette.paper, "stroke-width": at ? 2.6 : 6 })) one.setAttribute(key, value);
    }
    this.over.append(...this.bands, ...this.ring);
    this.grid.setAttribute("aria-label", svg.querySelector("title").textContent);
    this.redraw();
  }

  // ---------------------------------------------------------------- the plan

  #plan() {
    const { centre, one_line: oneLine, two_lines: twoLines } = this.setting;
    this.left = centre.x;
    this.top = centre.y;
    this.right = centre.x + centre.width;
    this.bottom = centre.y + centre.height;
    this.thick = {};
    for (const side of SIDES) {
      const { items } = this.matrix.arms[side];
      const room = this.#room(side);
      const isLong = items.length <= this.setting.few && items.some((item) => this.#width(this.#title(item)) > room);
      this.thick[side] = isLong ? twoLines : oneLine;
    }
    this.thick.owners = oneLine;
    this.columns = [...this.matrix.people(), null];
    this.ownersX = this.right + this.#depth("east") + GAP;
  }

  #title(item) {
    return item.draft || item.own ? item.name : `${item.name} (shared)`;
  }

  #isTurned(side) {
    return side === "west" || side === "east" || side === "owners";
  }

  #length(side) {
    return this.#isTurned(side) ? this.setting.centre.height : this.setting.centre.width;
  }

  #room(side) {
    return this.#length(side) - TEXT_START - 8;
  }

  #count(side) {
    return side === "owners" ? this.columns.length : Math.max(1, this.matrix.arms[side].items.length);
  }

  #depth(side) {
    return this.thick[side] * this.#count(side);
  }

  /** Left, top, width and height of the index-th place of an arm. */
  #box(side, index) {
    const step = this.thick[side];
    const { width, height } = this.setting.centre;
    return {
      north: () => [this.left, this.top - (index + 1) * step, width, step],
      south: () => [this.left, this.bottom + index * step, width, step],
      west: () => [this.left - (index + 1) * step, this.top, step, height],
      east: () => [this.right + index * step, this.top, step, height],
      owners: () => [this.ownersX + index * step, this.top, step, height],
    }[side]();
  }

  // ---------------------------------------------------------------- text

  #width(text, size = this.setting.font) {
    this.pen.font = `${size}px ${this.setting.family}`;
    return this.pen.measureText(text).width;
  }

  #wrap(text, room, most, size) {
    const lines = [];
    let rest = text.trim();
    while (rest && lines.length < most) {
      if (this.#width(rest, size) <= room) { lines.push(rest); break; }
      if (lines.length === most - 1) { lines.push(this.#cut(rest, room, size, "…")); break; }
      const head = this.#cut(rest, room, size, "");
      const space = head.lastIndexOf(" ");
      const kept = space > 0 && rest[head.length] !== " " ? head.slice(0, space) : head;
      lines.push(kept.trimEnd());
      rest = rest.slice(kept.length).trimStart();
    }
    return lines;
  }

  #cut(text, room, size, end) {
    let [low, high] = [1, text.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#width(text.slice(0, middle) + end, size) <= room) low = middle;
      else high = middle - 1;
    }
    return text.slice(0, low).trimEnd() + end;
  }

  // ---------------------------------------------------------------- drawing

  redraw() {
    const here = this.current && this.describe(this.current);
    const hadFocus = this.grid.contains(document.activeElement);
    this.#plan();
    this.#resize();
    this.#drawCorners();
    this.#drawCells();
    const again = here && this.find(here);
    this.current = null;
    this.move(again ?? this.find({ slot: this.matrix.arms.south.items[0]?.key ?? "", side: "south" }), hadFocus);
  }

  #resize() {
    const [west, east] = [this.#depth("west"), this.#depth("east")];
    const [north, south] = [this.#depth("north"), this.#depth("south")];
    const x = this.left - west - 2;
    const y = this.top - north - 46;
    const below = this.bottom + south + 46;
    this.legendX = x;
    const owners = Math.max(this.#depth("owners"), this.#width(this.matrix.owners) * 1.1);
    const width = this.right + east + GAP + owners + 2 - x;
    const height = below + this.setting.legend_height - y;
    this.legend.setAttribute("transform", `translate(${x + 2} ${below - this.setting.legend_y})`);
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", height);
  }

  #drawCorners() {
    const { palette } = this;
    this.corners.replaceChildren(...[...CORNERS, ["north", "owners"], ["south", "owners"]].flatMap(([row, column]) => {
      const [across, down] = [this.#depth(column), this.#depth(row)];
      const x = { west: this.left - across, east: this.right, owners: this.ownersX }[column];
      const y = row === "north" ? this.top - down : this.bottom;
      const isOwners = column === "owners";
      const asked = isOwners ? { text: "" } : this.matrix.question(this.matrix.arms[row].kind, this.matrix.arms[column].kind);
      const drawn = [element("rect", { x, y, width: across, height: down, fill: asked ? palette.ground : palette.band })];
      const rule = (index, side) => (index % 5 ? [palette.line, 0.7] : [palette.line_strong, 0.9]);
      for (let index = 1; index < this.#count(row); index += 1) {
        const at = row === "north" ? this.top - index * this.thick.north : this.bottom + index * this.thick.south;
        const [stroke, width] = rule(index);
        drawn.push(element("line", { x1: x, x2: x + across, y1: at, y2: at, stroke, "stroke-width": width }));
      }
      for (let index = 1; index < this.#count(column); index += 1) {
        const at = column === "west" ? this.left - index * this.thick.west : x + index * this.thick[column];
        const [stroke, width] = rule(index);
        drawn.push(element("line", { x1: at, x2: at, y1: y, y2: y + down, stroke, "stroke-width": width }));
      }
      drawn.push(element("rect", { x, y, width: across, height: down, fill: "none", stroke: palette.line_strong }));
      if (isOwners && row === "north") drawn.push(element("text", { x, y: y - 6, "font-weight": 700, fill: palette.ink_2 }, this.matrix.owners));
      return isOwners ? drawn : [...drawn, ...this.#caption(asked, { x, y, across, down, isAbove: row === "north" })];
    }));
  }

  #caption(asked, { x, y, across, down, isAbove }) {
    if (!asked || across < CAPTION.room) return [];
    const lines = this.#wrap(asked.text, across - 4, CAPTION.lines, CAPTION.size);
    const first = isAbove ? y - 6 - (lines.length - 1) * CAPTION.leading : y + down + CAPTION.leading + 2;
    return lines.map((line, index) => element("text", {
      x: x + 2, y: first + index * CAPTION.leading, "font-size": CAPTION.size, "font-style": "italic", fill: this.palette.ink_3,
    }, line));
  }

  #drawCells() {
    const ordered = (side) => this.matrix.arms[side].items.map((item, index) => ({ item, index, side }));
    const columns = [...ordered("west").reverse(), null, ...ordered("east")];
    const rows = [...ordered("north").reverse(), null, ...ordered("south")];
    const middle = [...this.#slotsOf("west").reverse(), null, ...this.#slotsOf("east")];
    this.linked = new Set([...this.matrix.view.links.values()].flatMap((link) => [link.upper, link.lower]));
    this.cells = [];
    if (!this.matrix.arms.north.items.length) this.cells.push([this.#slot("north", null, 0)]);
    for (const row of rows) {
      if (row) {
        const linked = columns.map((column) => (column ? this.#cell(row, column) : this.#slot(row.side, row.item, row.index)));
        this.cells.push([...linked, ...this.columns.map((person, index) => this.#part(row, person, index)).filter(Boolean)]);
      } else {
        const owners = this.columns.map((person, index) => this.#owner(person, index));
        this.cells.push([...middle.map((one) => (one ? this.#slot(one.side, one.item, one.index) : this.#heart())), ...owners]);
      }
    }
    if (!this.matrix.arms.south.items.length) this.cells.push([this.#slot("south", null, 0)]);
    this.grid.replaceChildren(...this.cells.map((cells) => {
      const head = cells.find((one) => one.g.getAttribute("role") === "rowheader");
      const row = element("g", { role: "row", "aria-label": head?.g.getAttribute("aria-label") ?? "The centre, with the columns beside it" });
      row.append(...cells.map((one) => one.g));
      return row;
    }));
    this.all = this.cells.flat();
    for (const one of this.all) one.g.cell = one;
    this.byPair = new Map(this.all.filter((one) => one.name).map((one) => [one.name, one]));
  }

  #slotsOf(side) {
    const { items } = this.matrix.arms[side];
    return items.length ? items.map((item, index) => ({ item, index, side })) : [{ item: null, index: 0, side }];
  }

  #heart() {
    const { x, y, width, height } = this.setting.centre;
    const g = element("g", { role: "gridcell", tabindex: -1, "aria-label": `The centre. ${this.centre.querySelector("title")?.textContent ?? ""}` });
    g.append(element("rect", { x, y, width, height, "fill-opacity": 0 }));
    return { type: "centre", g, at: { x: 0, y: 0 }, box: [x, y, width, height] };
  }

  #slot(side, item, index) {
    const box = this.#box(side, index);
    const arm = this.matrix.arms[side];
    const role = item ? (this.#isTurned(side) ? "columnheader" : "rowheader") : "gridcell";
    const label = item
      ? `${arm.one} ${index + 1}: ${this.#title(item)}${this.linked.has(item.key) ? "" : ". Not linked on this sheet"}`
      : `${arm.label}: none yet. Press plus to add the first one, or paste titles.`;
    const g = element("g", { role, tabindex: -1, "aria-label": label, "data-item": item?.key ?? "", "data-side": side });
    g.append(this.#slotShape(side, item, index, box));
    const [x, y] = WAYS[side].map((way) => way * (index + 1));
    return { type: "slot", side, item, index, g, box, at: { x, y } };
  }

  #slotShape(side, item, index, [x, y, width, height]) {
    const { palette, setting } = this;
    const turned = this.#isTurned(side);
    const [length, thick] = turned ? [height, width] : [width, height];
    const shape = element("g", { transform: turned ? `translate(${x} ${y + height}) rotate(-90)` : `translate(${x} ${y})` });
    shape.append(element("rect", { width: length, height: thick, fill: palette.paper, stroke: palette.line_strong, "stroke-width": 0.8 }));
    const arm = this.matrix.arms[side];
    const text = item ? this.#title(item) : `${arm.label}: none yet`;
    shape.append(element("title", {}, text));
    const base = thick / 2 + setting.font * 0.36;
    if (item && !this.linked.has(item.key)) shape.append(element("rect", { width: 4, height: thick, fill: palette.amber_mid }));
    if (item) shape.append(element("text", { x: 13, y: base, "text-anchor": "middle", "font-size": setting.font - 1.5, fill: palette.ink_3 }, String(index + 1)));
    const lines = this.#wrap(text, this.#room(side), thick >= setting.two_lines ? 2 : 1);
    const first = base - ((lines.length - 1) * setting.leading) / 2;
    const look = item ? {} : { "font-style": "italic", fill: palette.ink_3 };
    lines.forEach((line, at) => shape.append(element("text", { x: TEXT_START, y: first + at * setting.leading, ...look }, line)));
    return shape;
  }

  /** How far from the centre a column of the owner grid stands, in steps of an arrow key. */
  #ownerAt(index) {
    return this.#count("east") + index + 1;
  }

  /** The head of a column: a person, or the last one, where the next is named. */
  #owner(person, index) {
    const box = this.#box("owners", index);
    const [x, y, width, height] = box;
    const { palette, setting } = this;
    const name = person === null ? SOMEBODY : this.matrix.names.get(person) ?? "";
    const label = person === null ? "Somebody else: press Enter to name who answers or supports" : this.#load(person, name);
    const g = element("g", { role: person === null ? "gridcell" : "columnheader", tabindex: -1, "aria-label": label, "data-item": person === null ? "owners:new" : `person:${person}` });
    const shape = element("g", { transform: `translate(${x} ${y + height}) rotate(-90)` });
    shape.append(
      element("rect", { width: height, height: width, fill: palette.paper, stroke: palette.line_strong, "stroke-width": 0.8 }),
      element("title", {}, name),
      element("text", { x: 10, y: width / 2 + setting.font * 0.36, ...(person === null ? { "font-style": "italic", fill: palette.ink_3 } : {}) }, this.#wrap(name, height - 18, 1)[0] ?? ""),
    );
    g.append(shape);
    return { type: person === null ? "somebody" : "owner", person, index, side: "owners", g, box, at: { x: this.#ownerAt(index), y: 0 } };
  }

  #load(person, name) {
    const all = [...this.matrix.view.parts.values()];
    const owns = all.filter((one) => one.owner === person).length;
    const helps = all.filter((one) => one.owner !== person && one.supports.includes(person)).length;
    return `${name}: responsible for ${owns}, supports ${helps}`;
  }

  /** One cell of the owner grid; below the last head there is none. */
  #part(row, person, index) {
    if (person === null) return null;
    const [, y, , height] = this.#box(row.side, row.index);
    const [x, , width] = this.#box("owners", index);
    const { item } = row;
    const made = { type: item.own ? "part" : "inert", item, person, box: [x, y, width, height], name: item.own ? share(item.key, person) : "" };
    made.at = { x: this.#ownerAt(index), y: WAYS[row.side][1] * (row.index + 1) };
    made.g = element("g", { role: "gridcell", tabindex: -1 });
    if (item.own) made.g.setAttribute("data-part", made.name);
    else { made.g.setAttribute("aria-disabled", "true"); made.g.setAttribute("aria-label", "at home in another unit"); }
    made.g.append(element("rect", { x, y, width, height, "fill-opacity": 0 }));
    this.#mark(made);
    return made;
  }

  #cell(row, column) {
    const [, y, , height] = this.#box(row.side, row.index);
    const [x, , width] = this.#box(column.side, column.index);
    const asked = this.matrix.question(this.matrix.arms[row.side].kind, this.matrix.arms[column.side].kind);
    const made = { type: asked ? "cell" : "inert", row: row.item, column: column.item, asked, box: [x, y, width, height] };
    made.at = { x: WAYS[column.side][0] * (column.index + 1), y: WAYS[row.side][1] * (row.index + 1) };
    made.g = element("g", { role: "gridcell", tabindex: -1 });
    if (!asked) { made.g.setAttribute("aria-disabled", "true"); made.g.setAttribute("aria-label", "never linked"); }
    else {
      const [upper, lower] = asked.isDown ? [row.item, column.item] : [column.item, row.item];
      Object.assign(made, { upper, lower, name: pair(upper.key, lower.key) });
      made.g.setAttribute("data-upper", upper.key);
      made.g.setAttribute("data-lower", lower.key);
    }
    made.g.append(element("rect", { x, y, width, height, "fill-opacity": 0 }));
    this.#mark(made);
    return made;
  }

  #mark(cell) {
    if (!cell.name && cell.person === undefined) return;
    while (cell.g.childElementCount > 1) cell.g.lastChild.remove();
    const [x, y, width, height] = cell.box;
    const [cx, cy] = [x + width / 2, y + height / 2];
    if (cell.person !== undefined) {
      const part = this.matrix.partOf(cell.item.key, cell.person);
      const kind = { responsible: "disc", supports: "ring" }[part];
      if (kind) cell.g.append(...this.#shape(kind, cx, cy, Math.min(width, height), this.palette.ink_2));
      if (this.conflicts.has(cell.name)) cell.g.append(...this.#clash(x, y, width, height));
      if (cell.name) cell.g.setAttribute("aria-label", this.conflicts.has(cell.name) ? "conflict" : PARTS[part].word);
      return;
    }
    const link = this.matrix.link(cell.upper.key, cell.lower.key);
    if (link) cell.g.append(...this.#shape(this.matrix.grades[link.strength].shape, cx, cy, Math.min(width, height)));
    if (link?.rationale) cell.g.append(element("circle", { cx: x + width - 4.5, cy: y + 4.5, r: 1.8, fill: this.palette.ink_3 }));
    if (this.conflicts.has(cell.name)) cell.g.append(...this.#clash(x, y, width, height));
    cell.g.setAttribute("aria-label", this.conflicts.has(cell.name) ? "conflict" : this.matrix.word(link?.strength));
  }

  #clash(x, y, width, height) {
    return [
      element("rect", { x: x + 1.5, y: y + 1.5, width: width - 3, height: height - 3, fill: "none", stroke: this.palette.amber_mid, "stroke-width": 2.5 }),
      element("text", { x: x + 4, y: y + 12, "font-size": 11, "font-weight": 700, fill: this.palette.amber }, "!"),
    ];
  }

  #shape(kind, x, y, room, fill = this.palette.accent) {
    const size = Math.min(LARGEST_MARK, room * (kind === "disc" ? 0.27 : 0.25));
    const ring = () => element("circle", { cx: x, cy: y, r: size, fill: "none", stroke: fill, "stroke-width": 1.8 });
    if (kind === "disc") return [element("circle", { cx: x, cy: y, r: size, fill })];
    if (kind === "ring") return [ring()];
    if (kind === "half") return [ring(), element("path", { d: `M${x} ${y - size} A${size} ${size} 0 0 0 ${x} ${y + size} Z`, fill })];
    const [side, up, down] = [size * 1.12, size * 1.1, size * 0.85];
    const points = `${x - side},${y + down} ${x + side},${y + down} ${x},${y - up}`;
    return [element("polygon", { points, fill: "none", stroke: fill, "stroke-width": 1.5, "stroke-linejoin": "round" })];
  }

  /** Draw one cell anew: what a keystroke changes. */
  touch(upper, lower) {
    const cell = this.byPair.get(pair(upper, lower));
    if (!cell) return;
    this.#mark(cell);
    for (const end of [upper, lower]) this.#touchSlot(end);
    if (cell === this.current) this.#say(cell);
  }

  /** Draw the owners of one item anew; false when a column comes or goes, and all is to be drawn. */
  touchParts(item) {
    const columns = this.matrix.people();
    if (columns.length !== this.columns.length - 1 || columns.some((one, index) => one !== this.columns[index])) return false;
    for (const one of this.all) {
      if (one.type === "part" && one.item.key === item) this.#mark(one);
      if (one.type === "owner") one.g.setAttribute("aria-label", this.#load(one.person, this.matrix.names.get(one.person) ?? ""));
    }
    if (this.current?.type === "part") this.#say(this.current);
    return true;
  }

  /** An item's amber edge says that nothing links it. */
  #touchSlot(key) {
    const isLinked = [...this.matrix.view.links.values()].some((link) => link.upper === key || link.lower === key);
    if (isLinked === this.linked.has(key)) return;
    if (isLinked) this.linked.add(key);
    else this.linked.delete(key);
    const slot = this.all.find((one) => one.type === "slot" && one.item?.key === key);
    slot?.g.replaceChildren(this.#slotShape(slot.side, slot.item, slot.index, slot.box));
  }

  // ---------------------------------------------------------------- where the reader is

  describe(cell) {
    if (cell.type === "owner") return { person: cell.person };
    if (cell.type === "slot") return { slot: cell.item?.key ?? "", side: cell.side };
    return cell.name ? { name: cell.name } : { type: cell.type };
  }

  find({ slot, side, name, type, person }) {
    if (person !== undefined) return this.all.find((one) => one.type === "owner" && one.person === person);
    if (name) return this.byPair.get(name);
    if (slot === undefined) return this.all.find((one) => one.type === type);
    return this.all.find((one) => one.type === "slot" && (slot ? one.item?.key === slot : one.side === side))
      ?? this.all.find((one) => one.type === "slot" && one.side === side);
  }

  /** Make a cell the current one, the only stop of the Tab key. */
  move(cell, isFocused = true) {
    if (!cell) return;
    this.current?.g.setAttribute("tabindex", -1);
    this.current = cell;
    cell.g.setAttribute("tabindex", 0);
    this.#say(cell);
    this.#frame(cell);
    if (isFocused && document.activeElement !== cell.g) {
      cell.g.focus({ preventScroll: true });
      cell.g.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.svg.dispatchEvent(new CustomEvent("moved"));
  }

  /** A cell's whole sentence is given to it when it is reached: thousands of them would be slow. */
  #say(cell) {
    if (cell.name) cell.g.setAttribute("aria-label", this.sentence(cell));
  }

  sentence(cell) {
    if (cell.type === "part") return this.#partSentence(cell);
    const clash = this.conflicts.get(cell.name);
    const link = this.matrix.link(cell.upper.key, cell.lower.key);
    const why = because(link?.rationale);
    const both = clash ? ` Conflict: you chose ${this.matrix.word(clash.mine.strength)}, ${clash.theirs.who || "somebody else"} ${this.matrix.word(clash.theirs.strength)}. Press Enter to choose.` : "";
    return `${cell.asked.text} ${this.matrix.word(link?.strength)}${why}. ${cell.lower.name} × ${cell.upper.name}.${both}`;
  }

  #partSentence(cell) {
    const name = (person) => this.matrix.names.get(person) ?? "somebody";
    const { owner = null } = this.matrix.view.parts.get(cell.item.key) ?? {};
    const part = this.matrix.partOf(cell.item.key, cell.person);
    const said = { responsible: "is responsible for", supports: "supports", none: "has no part in" }[part];
    const now = part === "responsible" ? "" : owner === null ? " Nobody is responsible yet." : ` ${name(owner)} is responsible.`;
    const clash = this.conflicts.get(cell.name);
    const both = clash ? ` Conflict: you chose ${PARTS[clash.mine.part].word}, ${clash.theirs.who || "somebody else"} changed it first. Press Enter to choose.` : "";
    return `${name(cell.person)} ${said} ${cell.item.name}.${now}${both}`;
  }

  #frame(cell) {
    const [x, y, width, height] = cell.box;
    for (const one of this.ring) this.#set(one, x, y, width, height);
    const inCorner = cell.type === "cell" || cell.type === "inert" || cell.type === "part";
    const isRow = inCorner || (cell.type === "slot" && !this.#isTurned(cell.side));
    const isColumn = inCorner || cell.type === "owner" || (cell.type === "slot" && this.#isTurned(cell.side));
    const [west, east] = [this.#depth("west"), this.#depth("east")];
    const [north, south] = [this.#depth("north"), this.#depth("south")];
    this.#set(this.bands[0], this.left - west, y, isRow ? this.right + east - this.left + west + GAP + this.#depth("owners") : 0, height);
    this.#set(this.bands[1], x, this.top - north, width, isColumn ? this.bottom + south - this.top + north : 0);
  }

  #set(rect, x, y, width, height) {
    for (const [key, value] of Object.entries({ x, y, width, height })) rect.setAttribute(key, value);
  }

  /** The next cell in a direction, over gaps; where a row ends, the middle row or column goes on. */
  step(dx, dy) {
    const { x: cx, y: cy } = this.current.at;
    let best = null;
    for (const one of this.all) {
      const there = one.at;
      const along = (there.x - cx) * dx + (there.y - cy) * dy;
      const aside = Math.abs((there.x - cx) * dy) + Math.abs((there.y - cy) * dx);
      if (along <= 0) continue;
      const score = (aside ? 10_000 + aside * 100 : 0) + along;
      if ((!best || score < best.score) && (!aside || !["cell", "part"].includes(one.type))) best = { one, score };
    }
    return best?.one ?? null;
  }
}
