// The page around us may have changed what the language gives: old libraries put toJSON and their own methods on every list.

const stringify = JSON.stringify;

/** JSON of a value as it is: a replacer is shown each value again before any toJSON that the page has added. */
export const json = (value) => stringify(value, function raw(key) { return this[key]; });

/** A random UUID; crypto.randomUUID is missing on pages that are not served over https. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
