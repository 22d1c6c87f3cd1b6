// Keeps what is shown up to date, counts down, copies, asks before it deletes. Without it every view works all the same.
"use strict";

const LEAST_PAUSE_MS = 1000;
const SHARE = 20; // of the time, at most one part in so many goes into fetching this page anew

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function say(words) {
  const place = one("#link");
  if (place && place.textContent !== words) place.textContent = words;
}

// Up to date: a stream tells that something happened, and the parts marked data-live are fetched anew.

const page = { stream: null, due: null, fetchedAt: 0, tookMs: 0 };

function follow() {
  if (page.stream || document.hidden || !one("[data-live]")) return;
  page.stream = new EventSource("/_pocketbus/trace/changes");
  page.stream.onopen = () => say("Live");
  page.stream.onerror = () => say("The server does not answer; trying again.");
  page.stream.onmessage = refreshSoon;
}

function unfollow() {
  if (page.stream) page.stream.close();
  page.stream = null;
}

function refreshSoon() {
  if (page.due) return;
  const pause = Math.max(LEAST_PAUSE_MS, SHARE * page.tookMs) - (performance.now() - page.fetchedAt);
  page.due = setTimeout(refresh, Math.max(0, pause));
}

async function refresh() {
  const began = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    say("The server does not answer; trying again.");
  }
  page.fetchedAt = performance.now();
  page.tookMs = page.fetchedAt - began;
  page.due = null;
}

function renew(fresh) {
  for (const old of all("[data-live][id]")) {
    const now = fresh.getElementById(old.id);
    if (!now || now.outerHTML === old.outerHTML) continue;
    const kept = keep(old);
    old.replaceWith(document.adoptNode(now));
    bring(kept, now);
  }
  readClock();
  tick();
}

// What somebody has chosen, opened, scrolled to or stands at stays so.
function keep(part) {
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  return {
    checked: new Set(all("input:checked", part).map((box) => box.value)),
    scrolled: all(".canvas, .scroll, pre", part).map((box) => [box.scrollLeft, box.scrollTop]),
    open: all("details", part).map((box) => box.open),
    focused,
  };
}

function bring(kept, part) {
  all("input[type=checkbox][name]", part).forEach((box) => { box.checked = kept.checked.has(box.value); });
  all(".canvas, .scroll, pre", part).forEach((box, at) => { [box.scrollLeft, box.scrollTop] = kept.scrolled[at] ?? [0, 0]; });
  all("details", part).forEach((box, at) => { box.open = kept.open[at] ?? box.open; });
  if (kept.focused) all("a", part).find((link) => link.getAttribute("href") === kept.focused)?.focus();
}

// The emulator's clock, and what it counts down to.

const clock = { now: 0, readAt: 0, frozen: false };

function readClock() {
  const shown = one("#clock");
  if (!shown) return;
  clock.now = Number(shown.dataset.now);
  clock.frozen = shown.dataset.frozen === "yes";
  clock.readAt = performance.now();
}

function nowSeconds() {
  return clock.frozen ? clock.now : clock.now + (performance.now() - clock.readAt) / 1000;
}

function span(seconds) {
  let rest = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count || parts.length) parts.push(`${count} ${unit}`);
  }
  return [...parts, `${rest} s`].slice(0, 2).join(" ");
}

function tick() {
  const now = nowSeconds();
  for (const place of all("[data-until]")) place.textContent = span(Number(place.dataset.until) - now);
  if (clock.frozen || !clock.now) return;
  const iso = new Date(now * 1000).toISOString();
  const top = one("#clock time");
  if (top) top.textContent = `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
  for (const place of all("[data-clock]")) place.textContent = iso;
}

// The live view: records as they come. While it is paused nothing moves; what came meanwhile is there afterwards.

function beginLive() {
  const rows = one("[data-stream]");
  if (!rows) return;
  const pause = one("[data-pause]");
  const state = one("#live-state");
  let last = Number(rows.dataset.after);
  let stream = null;

  const open = () => {
    const mark = rows.dataset.stream.includes("?") && !rows.dataset.stream.endsWith("?") ? "&" : "";
    stream = new EventSource(`${rows.dataset.stream}${mark}after=${last}`);
    stream.onopen = () => { state.textContent = "Live, newest first."; say("Live"); };
    stream.onerror = () => { state.textContent = "The server does not answer; trying again."; };
    stream.addEventListener("lost", (event) => { state.textContent = `${event.data} records were gone before they could be shown.`; });
    stream.onmessage = (event) => {
      last = Number(event.lastEventId);
      rows.prepend(row(JSON.parse(event.data), rows.dataset.root));
      while (rows.rows.length > Number(rows.dataset.shown)) rows.deleteRow(-1);
    };
  };
  const close = () => { stream?.close(); stream = null; };

  pause.addEventListener("click", () => {
    const paused = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (paused) { close(); state.textContent = `Paused at ${last}.`; } else open();
  });
  document.addEventListener("visibilitychange", () => {
    if (pause.getAttribute("aria-pressed") === "true") return;
    if (document.hidden) close(); else if (!stream) open();
  });
  open();
}

function element(name, words, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = words;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function cell(...parts) {
  const made = document.createElement("td");
  made.append(...parts);
  return made;
}

function row(record, root) {
  const made = element("tr", "", { "data-number": record.number, class: "fresh" });
  const instant = new Date(record.at * 1000).toISOString();
  const number = cell(String(record.number));
  number.className = "number";
  const at = cell(element("time", instant, { datetime: instant }));
  at.className = "at";
  const why = cell(record.why);
  why.className = "why";
  if (record.became) why.append(" → ", message(record.became, root));
  made.append(
    number, at, cell(element("span", record.verb, { class: `verb ${record.verb.replaceAll(" ", "-")}` })),
    cell(resource(record.resource, root)), cell(message(record.subject, root)), why,
  );
  setTimeout(() => made.classList.remove("fresh"), 1500);
  return made;
}

function message(id, root) {
  return element("a", id, { class: "id", href: `${root}/message?id=${encodeURIComponent(id)}` });
}

function resource(arn, root) {
  const end = arn.startsWith("arn:") ? arn.split(":").slice(5).join(":") : arn;
  const name = end.includes("/") && arn.startsWith("arn:") ? end.slice(end.indexOf("/") + 1) : end;
  if (!arn.startsWith("arn:aws:sqs:")) return element("span", name);
  return element("a", name, { href: `${root}/queue?queue=${encodeURIComponent(arn)}` });
}

// Small things.

document.addEventListener("submit", (event) => {
  const words = event.submitter?.dataset.sure ?? event.target.dataset.sure;
  if (words && !confirm(words)) event.preventDefault();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = one("pre", button.parentElement);
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const box of all("input[name=message]", event.target.closest("fieldset"))) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-places]")) showFields(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  const field = one("[data-search]");
  if (field) { event.preventDefault(); field.focus(); }
});

// What is too long for an address is sent as a form.
for (const form of all("form[data-long]")) {
  form.addEventListener("submit", () => {
    const isLong = one("textarea", form).value.length > 4000;
    form.method = isLong ? "post" : "get";
    one("[name=token]", form).disabled = !isLong;
  });
}

function showFields(select) {
  const group = select.selectedOptions[0]?.closest("optgroup")?.label ?? "";
  const kind = { Queues: "queue", Topics: "topic", "Event buses": "event bus" }[group];
  for (const part of all("[data-for]")) part.hidden = Boolean(kind) && !part.dataset.for.includes(kind);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) unfollow(); else { follow(); refreshSoon(); }
});
all("[data-places]").forEach(showFields);
readClock();
tick();
setInterval(tick, 1000);
if (document.body.dataset.view === "live") beginLive(); else follow();
