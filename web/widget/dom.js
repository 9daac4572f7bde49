// Elements, made one by one: words go in as text, never as markup.

/** Make an element: `on…` of `props` are listeners, the rest attributes (true: without a value; false, null: left out); strings become text. */
export function h(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child || child === 0) made.append(child);
  return made;
}

export const button = (text, onclick, props) => h("button", { type: "button", onclick, ...props }, text);
