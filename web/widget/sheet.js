// What all forms of the widget have in common: a dialog, an error that is read out, a button that waits.

import { button, h } from "./dom.js";

/** Open a dialog in `root` with these fields; `submit(form)` may throw an Error with the words to show. Returns the dialog. */
export function sheet(root, { title, lead, fields, send, cancel, submit }) {
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const go = h("button", { type: "submit" }, send);
  const form = h("form", { novalidate: true }, h("h2", { id: "sheet-title" }, title), lead && h("p", null, lead), fields, error,
    h("div", { class: "actions" }, go, button(cancel, () => dialog.close(), { class: "quiet" })));
  const dialog = h("dialog", { "aria-labelledby": "sheet-title", onclose: () => dialog.remove() }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.hidden = go.disabled = true;
    try {
      await submit(form.elements, dialog);
    } catch (fault) {
      error.textContent = fault.message;
      error.hidden = false;
      fault.field?.focus();
    } finally {
      go.disabled = false;
    }
  });
  root.append(dialog);
  dialog.showModal();
  return dialog;
}

/** An Error for the person, at a field. */
export const refusal = (words, field) => Object.assign(new Error(words), { field });

/** Words for a GatewayError. */
export const wordsOf = (error, t) => error.message || (error.status ? t.fault : t.offline);

export const labelled = (text, input) => h("label", null, text, input);

/** The five grades, or any other choice of one, as radio buttons; `names` translates. */
export const choice = (name, values, names, chosen) => h("div", { class: "choices", role: "radiogroup" }, values.map((value) => h("label", null,
  h("input", { type: "radio", name, value, checked: value === chosen }), ` ${names[value] ?? value}`)));
