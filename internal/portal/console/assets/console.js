// The console with modules: the request is shown while it is filled in, and the
// answer as it comes. Without this module the form sends itself, and the page
// that comes back has both.
//
// Nothing that comes from an API is ever HTML here: all of it is set as text.

import { colour } from "../code/code.js";
import { enhance } from "../page/page.js";

const MASK = "••••••••";
const MAX_LIVE = 256 * 1024;
const form = document.getElementById("console");
const requestBox = document.querySelector("[data-request]") ?? document.querySelector(".console-result section");
const answerBox = document.querySelector("[data-answer]");
const state = form?.querySelector("[data-state]");
const cancel = form?.querySelector("[data-cancel]");
let running;

// make makes an element with attributes and children, which are texts or nodes.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

function codeBlock(title, text, language) {
  const code = make("code", language ? { class: `language-${language}` } : {}, text);
  const pre = make("pre", { tabindex: "0", role: "region", "aria-label": title || "Code" }, code);
  return make("div", { class: "code", "data-copy": true }, ...(title ? [make("p", { class: "code-title" }, title)] : []), pre);
}

function fields(caption, pairs) {
  const rows = pairs.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)));
  const head = make("thead", { class: "hidden" }, make("tr", {}, make("th", { scope: "col" }, "Name"), make("th", { scope: "col" }, "Value")));
  const table = make("table", { class: "table console-fields" }, make("caption", { class: "hidden" }, caption), head, make("tbody", {}, ...rows));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table);
}

function disclosure(summary, ...body) {
  return make("details", { class: "disclosure" }, make("summary", {}, summary), make("div", { class: "disclosure-body" }, ...body));
}

function notice(kind, text) {
  return make("div", { class: `notice ${kind}`, role: kind === "danger" ? "alert" : "status" }, make("div", {}, make("p", {}, text)));
}

function show(box, ...nodes) {
  box.replaceChildren(...nodes);
  enhance(box);
  colour(box);
}

// What is filled in.

const escape = (text) => encodeURIComponent(text).replace(/[!'()]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
const lines = (name, separator) => (form.elements[name]?.value ?? "").split(/\r?\n/).filter((l) => l.trim()).map((line) => {
  const at = line.indexOf(separator);
  return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
});
const named = (prefix) => [...form.elements].filter((e) => e.name?.startsWith(prefix) && e.value && e.type !== "file").map((e) => [e.name.slice(prefix.length), e.value]);

function preview() {
  const [path, query] = form.dataset.template.split("?");
  const value = (name) => form.elements["path." + name]?.value ?? "";
  const put = (_, star, name) => value(name) === "" ? (star ? "" : `{${name}}`) : value(name).split(star ? "/" : "\0").map(escape).join("/");
  let url = form.dataset.base + path.replace(/\{(\*?)([^}]*)\}/g, put).replace(/\/\*$/, () => "/" + value("*").split("/").map(escape).join("/"));
  const pairs = (query ?? "").split("&").filter(Boolean).map((part) => {
    const [name, text = ""] = part.split("=");
    return [name, text.startsWith("{") ? value(text.slice(1, -1)) : text];
  }).concat(named("query."), lines("morequery", "="));
  if (pairs.length) url += "?" + pairs.map(([n, v]) => `${escape(n)}=${escape(v)}`).join("&");
  const header = named("header.").concat(lines("moreheaders", ":"));
  const media = form.elements.media?.value;
  if (media && !header.some(([n]) => n.toLowerCase() === "content-type")) header.push(["Content-Type", media]);
  return { url, header };
}

function showPreview() {
  if (running || requestBox.dataset.sent) return;
  const { url, header } = preview();
  if (form.elements.key.value) header.push([form.dataset.keyName, MASK]);
  if (form.elements.token?.value) header.push(["Authorization", "Bearer " + MASK]);
  show(requestBox, codeBlock("To be sent", `${form.dataset.method} ${url}`, "http"), ...(header.length ? [fields("Header of the request", header)] : []));
}

// What of the form belongs to what was chosen.

function fit() {
  const media = (form.elements.media?.value ?? "").split(";")[0].trim();
  const isForm = media === "multipart/form-data" || media === "application/x-www-form-urlencoded";
  for (const part of form.querySelectorAll("[data-body]")) {
    part.hidden = part.dataset.body === "text" ? isForm : !isForm || (part.dataset.media && part.dataset.media !== media);
  }
  const typed = form.querySelector("[data-typed-key]");
  typed.hidden = form.elements.key.value !== "typed";
}

// An example takes the place of what no visitor has written.
function exampleOf(media) {
  return [...form.querySelectorAll("template[data-example]")].find((t) => t.dataset.example === media)?.content.textContent;
}
let lastExample = form?.elements.body?.value;
function takeExample() {
  const body = form.elements.body;
  const example = exampleOf(form.elements.media?.value);
  if (body && example !== undefined && (body.value === "" || body.value === lastExample)) {
    body.value = lastExample = example;
  }
}

// Answers.

function ended(text) {
  state.textContent = text;
  cancel.hidden = true;
  running = undefined;
}

function timing(t) {
  const rows = [["Looking up the name", t.lookup], ["Connecting", t.connect], ["TLS", t.handshake], ["First byte, from the beginning", t.firstByte], ["Whole answer", t.total]];
  return disclosure("Timing", make("dl", { class: "definitions" }, ...rows.filter(([, ms]) => ms !== undefined).map(([name, ms]) => make("div", {}, make("dt", {}, name), make("dd", {}, `${ms} ms`)))));
}

// Answer collects what comes and shows it.
class Answer {
  constructor() {
    this.pieces = [];
    this.size = 0;
    this.decoder = new TextDecoder();
    this.text = "";
  }

  head(head) {
    this.summary = make("p", { class: "row" }, make("span", { class: `badge ${head.kind} console-status` }, `${head.status} ${head.reason}`));
    this.header = fields("Header of the answer", head.header);
    this.isLive = head.live;
    this.live = head.live ? codeBlock("Body", "") : make("p", { class: "muted" }, "The body is coming.");
    this.media = head.header.find(([n]) => n.toLowerCase() === "content-type")?.[1] ?? "";
    show(answerBox, this.summary, this.live, this.header);
    state.textContent = `${head.status} ${head.reason}, receiving`;
  }

  data(bytes) {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.isLive && this.text.length < MAX_LIVE) {
      const piece = this.decoder.decode(bytes, { stream: true });
      this.text += piece;
      const code = this.live.querySelector("code");
      code.append(piece);
      const pre = code.parentElement;
      pre.scrollTop = pre.scrollHeight;
    }
  }

  blob(type) { return new Blob(this.pieces, { type }); }

  async body(end) {
    if (end.kind === "image") {
      const url = await new Promise((done, failed) => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result);
        reader.onerror = failed;
        reader.readAsDataURL(this.blob(end.media));
      });
      return make("p", {}, make("img", { class: "console-image", alt: "The picture that the API answered", src: url }));
    }
    if (end.kind === "text") {
      if (end.pretty) return codeBlock("Body", end.pretty, end.language);
      const text = this.isLive ? this.text : await this.blob("text/plain").slice(0, MAX_LIVE).text();
      return codeBlock(text.length < this.size && this.size > MAX_LIVE ? "Beginning of the body" : "Body", text, end.language);
    }
    if (this.size === 0) return make("p", { class: "muted" }, "The answer has no body.");
    return make("p", {}, "The answer is no text.");
  }

  async end(end) {
    const nodes = [];
    if (end.error) nodes.push(notice("danger", end.error));
    if (this.summary) {
      this.summary.append(make("span", {}, `${end.size.toLocaleString("en")} bytes`), make("span", {}, `${end.timing.total} ms`));
      nodes.push(this.summary);
      if (end.cut) nodes.push(notice("warning", "The answer is longer than what the console takes."));
      nodes.push(await this.body(end));
      if (this.size > 0) nodes.push(this.download());
      nodes.push(this.header);
      if (end.trailer?.length) nodes.push(make("h3", {}, "Trailer"), fields("Trailer of the answer", end.trailer));
    }
    nodes.push(timing(end.timing));
    if (end.trace) nodes.push(...traceOf(end.trace));
    show(answerBox, ...nodes);
    ended(end.error ? "It did not go well." : "Done.");
  }

  download() {
    const button = make("button", { type: "button", class: "button secondary small" }, "Download the body");
    button.addEventListener("click", () => {
      // What is saved has no type that a browser would open by itself.
      const url = URL.createObjectURL(this.blob("application/octet-stream"));
      make("a", { href: url, download: "answer.bin" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    });
    return make("p", {}, button);
  }
}

function traceOf(trace) {
  if (trace.error) return [notice("warning", trace.error)];
  const parts = trace.sections.map((s) => disclosure(`${s.name}: ${s.entries.length}`, ...s.entries.map((e) => codeBlock(`${e.source}, after ${e.elapsed}`, e.data, "json"))));
  return [make("h3", {}, "Trace"), ...parts];
}

function sent(request) {
  requestBox.dataset.sent = "yes";
  const nodes = [codeBlock("Sent", `${request.method} ${request.url}`, "http"), fields("Header of the request", request.header)];
  if (request.binary) nodes.push(make("p", { class: "muted" }, `The body has ${request.size} bytes, which are no text.`));
  else if (request.body) nodes.push(codeBlock(`Body, ${request.size} bytes`, request.body, request.language));
  nodes.push(disclosure("As a curl command", codeBlock("", request.curl, "bash")));
  show(requestBox, ...nodes);
}

function refused(problem) {
  const field = form.elements[problem.field];
  const target = field instanceof RadioNodeList ? field[0] : field;
  show(answerBox, notice("danger", problem.text));
  if (target) {
    target.setAttribute("aria-invalid", "true");
    target.closest(".field")?.classList.add("invalid");
    target.closest("details")?.setAttribute("open", "");
    target.focus();
  }
  ended("Nothing was sent.");
}

// each gives the frames of a stream, one after the other.
async function* each(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) yield JSON.parse(part);
  }
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

async function throughPortal(signal) {
  const body = new FormData(form);
  body.delete("csrf");
  const response = await fetch(form.dataset.send, { method: "POST", body, signal, headers: { "X-CSRF-Token": form.elements.csrf.value } });
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/x-ndjson")) {
    const wait = response.headers.get("Retry-After");
    const why = response.status === 429 ? "You have sent too much in a short time, or too much at once." : `The portal answered ${response.status}.`;
    refused({ field: "", text: why + (wait ? ` Try again in ${wait} seconds.` : "") });
    return;
  }
  const answer = new Answer();
  for await (const frame of each(response.body)) {
    if (frame.refused) refused(frame.refused);
    if (frame.request) sent(frame.request);
    if (frame.head) answer.head(frame.head);
    if (frame.data) answer.data(bytesOf(frame.data));
    if (frame.end) await answer.end(frame.end);
  }
  if (running) refused({ field: "", text: "The portal ended the connection before the answer did." });
}

// straight calls the API from the browser, which the API's CORS policy must allow.
async function straight(signal) {
  const { url, header } = preview();
  const key = form.elements.key.value;
  if (key && key !== "typed") return refused({ field: "key", text: "Your own keys are added by the portal only. Choose a key that you type, or go through the portal." });
  if (form.elements.token?.value) return refused({ field: "token", text: "Tokens are added by the portal only. Choose no token, or go through the portal." });
  if (key) header.push([form.dataset.keyName, form.elements.typedkey.value.trim()]);
  const media = (form.elements.media?.value ?? "").split(";")[0].trim();
  let body;
  if (media === "multipart/form-data" || media === "application/x-www-form-urlencoded") {
    body = media === "multipart/form-data" ? new FormData() : new URLSearchParams();
    for (const [name, value] of named("form.").concat(lines("moreform", "="))) body.append(name, value);
    for (const e of form.elements) if (e.type === "file" && e.name.startsWith("file.") && e.files[0]) body.append(e.name.slice(5), e.files[0]);
  } else if (media) {
    body = form.elements.bodyfile?.files[0] ?? form.elements.body?.value;
  }
  const began = performance.now();
  const headers = header.filter(([n]) => !(body instanceof FormData && n.toLowerCase() === "content-type"));
  let response;
  try {
    response = await fetch(url, { method: form.dataset.method, headers, body: body || undefined, signal, credentials: "omit", redirect: "manual", mode: "cors" });
  } catch (error) {
    if (signal.aborted) throw error;
    return refused({ field: "", text: "The browser got no answer that it may show. The gateway is away, or the API’s CORS policy does not allow this portal. Go through the portal instead." });
  }
  const answer = new Answer();
  const type = response.headers.get("Content-Type") ?? "";
  const live = /^text\/|json|xml|yaml/.test(type);
  const hidden = response.type === "opaqueredirect";
  answer.head({ status: response.status, reason: hidden ? "A redirect, which browsers do not show" : response.statusText, kind: response.ok ? "success" : "warning", header: [...response.headers], live });
  const first = Math.round(performance.now() - began);
  for await (const piece of response.body ?? []) answer.data(piece);
  const language = /json/.test(type) ? "json" : /html|xml/.test(type) ? "xml" : "";
  await answer.end({ size: answer.size, kind: live ? "text" : answer.size ? "binary" : "none", language, timing: { firstByte: first, total: Math.round(performance.now() - began) } });
}

async function send(event) {
  event.preventDefault();
  if (running) return;
  for (const e of form.querySelectorAll("[aria-invalid]")) {
    e.removeAttribute("aria-invalid");
    e.closest(".field")?.classList.remove("invalid");
  }
  running = new AbortController();
  const mine = running;
  cancel.hidden = false;
  state.textContent = "Sending";
  // Where both are below each other, the answer is what is looked at now.
  if (matchMedia("(max-width: 64rem)").matches) answerBox.closest("section").scrollIntoView({ block: "start" });
  try {
    await (form.elements.way.value === "straight" ? straight : throughPortal)(mine.signal);
  } catch {
    if (mine.signal.aborted) answerBox.append(notice("info", "You ended this call. What came of the answer is shown."));
    else show(answerBox, notice("danger", "The portal did not answer. Whether the request was sent is not known."));
    ended(mine.signal.aborted ? "Cancelled." : "It did not go well.");
  }
}

// What was filled in survives the way to an authorization server and back, but
// for keys and files.
const DRAFT = "console:" + location.pathname;
function keepDraft() {
  const draft = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrf", "typedkey", "token", "key"].includes(name));
  try { sessionStorage.setItem(DRAFT, JSON.stringify(draft).slice(0, 100000)); } catch { /* Then it is typed again. */ }
}
function takeDraft() {
  try {
    const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "[]");
    sessionStorage.removeItem(DRAFT);
    for (const [name, value] of draft) {
      const field = form.elements[name];
      if (field?.type === "checkbox") field.checked = true;
      else if (field && field.type !== "file") field.value = value;
    }
  } catch { /* A draft that cannot be read is none. */ }
}

if (form) {
  takeDraft();
  form.querySelectorAll("[data-module]").forEach((e) => { e.hidden = false; });
  form.addEventListener("submit", send);
  form.addEventListener("input", () => { delete requestBox.dataset.sent; fit(); showPreview(); });
  form.elements.media?.addEventListener("change", takeExample);
  cancel.addEventListener("click", () => running?.abort());
  form.querySelectorAll("[data-authorize]").forEach((link) => link.addEventListener("click", keepDraft));
  fit();
  if (document.querySelector("[data-request]")) showPreview();
}
