// What outlives a reload: shared by all tabs of the site, or this tab's alone; where the browser forbids it, this page's alone.

import { json } from "./realm.js";

const LONGEST_MS = 25_000; // to wait for another tab

export class Kept {
  /** `area` returns a Storage or throws; every name gets `prefix`. */
  constructor(area, prefix) {
    this.prefix = prefix;
    try {
      this.area = area();
      this.area.setItem(`${prefix}try`, "1");
      this.area.removeItem(`${prefix}try`);
    } catch {
      const held = new Map();
      this.area = {
        getItem: (name) => held.get(name) ?? null, setItem: (name, value) => held.set(name, value), removeItem: (name) => held.delete(name),
        key: (n) => [...held.keys()][n], get length() { return held.size; },
      };
    }
  }

  get(name) {
    try {
      return JSON.parse(this.area.getItem(this.prefix + name));
    } catch {
      return null; // not ours
    }
  }

  /** Keep a value; null forgets it. What does not fit any more is not kept. */
  set(name, value) {
    try {
      if (value === null) this.area.removeItem(this.prefix + name);
      else this.area.setItem(this.prefix + name, json(value));
    } catch { /* the site has used its room up */ }
  }

  /** The names that begin with `start`, in order. */
  names(start) {
    const found = [];
    for (let n = 0; n < this.area.length; n += 1) {
      const name = this.area.key(n);
      if (name?.startsWith(this.prefix + start)) found.push(name.slice(this.prefix.length));
    }
    return found.sort();
  }

  clear() {
    for (const name of this.names("")) this.set(name, null);
  }

  /** Call `heard(name)` when another tab changes something. */
  watch(heard) {
    window.addEventListener("storage", ({ key, storageArea }) => {
      if (storageArea === this.area && key?.startsWith(this.prefix)) heard(key.slice(this.prefix.length));
    });
  }
}

/** Do `work` in one tab at a time, where the browser can tell tabs apart; without that, or past a tab that hangs, repeats are the gateway's to drop. */
export async function alone(name, work) {
  if (!navigator.locks) return work();
  const tired = new AbortController();
  const timer = setTimeout(() => tired.abort(), LONGEST_MS);
  let begun = false;
  const begin = () => {
    begun = true;
    clearTimeout(timer);
    return work();
  };
  return navigator.locks.request(name, { signal: tired.signal }, begin).catch((error) => {
    if (begun) throw error;
    return begin();
  });
}
