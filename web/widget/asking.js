// The gateway over HTTP.

import { json } from "./realm.js";

const PATIENCE_MS = 20_000; // the gateway itself answers within 4 s

/** An answer of the gateway that is not a success; `code` is the gateway's own, `status` is HTTP's, 0 where nothing came back. */
export class GatewayError extends Error {
  constructor(status, error) {
    super(error?.message ?? "");
    this.name = "GatewayError";
    this.status = status;
    this.code = error?.code ?? (status ? "unknown" : "offline");
  }
}

/** Return ask(path, {method, token, headers, body, blob, keepalive, patience}): the JSON of the answer, null for an empty one; throws GatewayError. */
export function asking(base, fetch) {
  return async (path, { method, token, headers = {}, body, blob, keepalive, patience = PATIENCE_MS } = {}) => {
    const sent = { Accept: "application/json", ...headers };
    if (body) sent["Content-Type"] = "application/json";
    if (blob) sent["Content-Type"] = blob.type || "application/octet-stream";
    if (token) sent.Authorization = `Bearer ${token}`;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      const response = await fetch(new URL(path, base).href, {
        method: method ?? (body || blob ? "POST" : "GET"), headers: sent, body: body ? json(body) : blob, cache: "no-store", credentials: "omit", keepalive,
        signal: stop.signal,
      });
      if (response.status === 204) return null;
      const answer = await response.json().catch(() => null);
      if (!response.ok || !answer) throw new GatewayError(response.status, answer?.error);
      return answer;
    } catch (error) {
      throw error instanceof GatewayError ? error : new GatewayError(0);
    } finally {
      clearTimeout(timer);
    }
  };
}
