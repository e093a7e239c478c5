/* What a page can do beside being read: open a number, sort a table, find and copy in the gallery. No page needs it.
   Nothing is fetched, stored or sent; it works from a folder on disk. */
"use strict";

/* Numbers: hover, focus or touch opens what a number is; Escape closes it; the link itself leads to its row. */
const block = document.getElementById("about-numbers");
if (block) {
  const about = JSON.parse(block.textContent);
  const box = document.createElement("div");
  box.id = "opened";
  box.className = "opened";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  let open = null;
  let timer = 0;
  let touched = false;

  const line = (name, text) => {
    const p = document.createElement("p");
    p.className = name;
    p.textContent = text;
    return p;
  };

  const fill = (link) => {
    const [table, rows, sources] = about.numbers[link.hash.slice(1)];
    const named = sources.map((i) => about.sources[i]);
    const said = named.slice(0, 3).join("; ") + (named.length > 3 ? `; and ${named.length - 3} more` : "");
    box.replaceChildren(
      line("what", `${link.textContent}: ${link.dataset.how}`),
      line("from", `Computed from the table ${table}: ${rows}`),
      line("who", said ? `${named.length > 1 ? "Sources" : "Source"}: ${said}` : ""),
      line("next", touched ? "Touch the number again for its row in the list." : "Follow the link for its row in the list."),
    );
  };

  const place = () => {
    const at = open.getClientRects()[0] || open.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    box.style.left = `${Math.max(8, Math.min(at.left, wide - box.offsetWidth - 8)) + scrollX}px`;
    const below = at.bottom + box.offsetHeight + 8 < innerHeight || at.top < box.offsetHeight + 8;
    box.style.top = `${(below ? at.bottom + 2 : at.top - box.offsetHeight - 2) + scrollY}px`;
  };

  const close = () => {
    clearTimeout(timer);
    if (!open) return;
    open.removeAttribute("aria-describedby");
    open = null;
    box.hidden = true;
  };

  const show = (link) => {
    clearTimeout(timer);
    if (open === link) return;
    close();
    open = link;
    fill(link);
    box.hidden = false;
    link.setAttribute("aria-describedby", "opened");
    place();
  };

  // A moment to move from the number into the box; none when the number has the focus.
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => open !== document.activeElement && close(), 300);
  };

  for (const link of document.querySelectorAll("a.number")) {
    link.dataset.how = link.title;
    link.removeAttribute("title");
    link.addEventListener("pointerenter", (e) => e.pointerType === "mouse" && ((touched = false), show(link)));
    link.addEventListener("pointerleave", (e) => e.pointerType === "mouse" && later());
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", () => !box.matches(":hover") && close());
    link.addEventListener("pointerdown", (e) => {
      touched = e.pointerType !== "mouse";
      link.dataset.wasOpen = open === link ? "yes" : "";
    });
    link.addEventListener("click", (e) => {
      if (!touched || link.dataset.wasOpen) return;
      e.preventDefault();
      show(link);
    });
  }
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", later);
  document.addEventListener("keydown", (e) => e.key === "Escape" && close());
  document.addEventListener("pointerdown", (e) => open && e.target !== open && !box.contains(e.target) && close());
  document.addEventListener("scroll", () => open && place(), { capture: true, passive: true });
  addEventListener("resize", close);
}

/* Tables: a heading sorts its column, up and then down; numbers by value, days by day, words by letter, blanks last. */
const units = { k: 1e3, m: 1e6, million: 1e6, bn: 1e9, billion: 1e9 };

function sortKey(cell) {
  const text = cell.textContent.trim();
  const number = cell.querySelector("a.number[data-value]");
  const given = cell.dataset.value ?? (number && text.startsWith(number.textContent) ? number.dataset.value : text);
  const found = given.match(/^[£]?([-−–]?)[£]?(\d[\d,]*(?:\.\d+)?)\s*(k|m|bn|million|billion)?(?:\s*(?:per cent|%))?$/i);
  if (!found) return given;
  return Number(found[2].replaceAll(",", "")) * (units[found[3]?.toLowerCase()] ?? 1) * (found[1] ? -1 : 1);
}

const words = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

function compareKeys(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return words.compare(String(a), String(b));
}

function sortBy(table, column, down) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [sortKey(row.cells[column]), row]);
  const [full, blank] = [keyed.filter(([key]) => key !== ""), keyed.filter(([key]) => key === "")];
  full.sort((a, b) => (down ? -1 : 1) * compareKeys(a[0], b[0]));
  body.append(...[...full, ...blank].map(([, row]) => row));
}

for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  if (table.closest(".code") || table.tBodies[0].rows.length < 2) continue;
  table.caption.insertAdjacentHTML("beforeend", '<span class="unseen"> (the headings of the columns sort the table)</span>');
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sortBy(table, column, down);
    });
  });
}

/* Copying: one press, by the clipboard where the browser lets a page use it, else by a hidden field. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}

for (const buttons of document.querySelectorAll(".copying")) {
  buttons.hidden = false;
  const told = buttons.querySelector(".copied");
  buttons.addEventListener("click", async (e) => {
    const button = e.target.closest("button");
    if (!button) return;
    const done = await copy(document.getElementById(button.dataset.copies).textContent);
    told.textContent = done ? `Copied: ${button.dataset.what}.` : `The browser does not let this page copy. Open “Words to copy” below.`;
  });
}

/* Finding: by words and by question. What the address names is never hidden. */
for (const form of document.querySelectorAll("[data-filters]")) {
  const list = document.getElementById(form.dataset.filters);
  const [input, select, status] = [form.querySelector("input"), form.querySelector("select"), form.querySelector(".found")];
  let items = null;
  const tell = (n) => {
    status.textContent = `${n.toLocaleString("en-GB")} ${n === 1 ? list.dataset.one : list.dataset.many}`;
    document.querySelector(".none").hidden = n > 0;
  };
  const find = () => {
    items ??= [...list.children].map((item) => [item, (item.dataset.words ?? item.textContent).toLowerCase()]);
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const group = select?.value ?? "";
    let n = 0;
    for (const [item, text] of items) {
      const fits = (!group || item.dataset.group === group) && wanted.every((word) => text.includes(word));
      item.hidden = !fits && `#${item.id}` !== location.hash;
      n += fits ? 1 : 0;
    }
    tell(n);
  };
  form.hidden = false;
  input.addEventListener("input", find);
  select?.addEventListener("change", find);
  addEventListener("hashchange", () => items && find());
  tell(list.children.length);
}

/* A region takes the focus only where it scrolls. */
const fit = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const region of document.querySelectorAll(".scroll, pre[tabindex]")) fit.observe(region);
