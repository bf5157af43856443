// Results as one types, below the search field of the frame: a combobox with a
// list, as the ARIA Authoring Practices have it. Without this module the field is
// a form that leads to the page of results; with it, Enter still does where
// nothing is chosen.

const field = document.getElementById("top-q");
const delay = 120; // Milliseconds after the last keystroke.
const least = 2; // Characters.

if (field) {
  const form = field.form;
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = new URL("search.css", import.meta.url).href;
  document.head.append(style);

  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = "top-suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  form.append(list, status);

  field.type = "text"; // A search field may not have the role.
  field.enterKeyHint = "search";
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  let timer = 0;
  let asked = null;
  let chosen = -1;
  let shownFor = "";

  const items = () => [...list.querySelectorAll("[role=option]")];

  const place = () => {
    const box = field.getBoundingClientRect();
    const width = Math.min(Math.max(box.width, 448), innerWidth - 16);
    list.style.width = `${width}px`;
    list.style.left = `${Math.max(8, Math.min(box.left, box.right - width))}px`;
    list.style.top = `${box.bottom + 6}px`;
  };

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    asked = null;
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const open = () => {
    place();
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  };

  const choose = (next) => {
    const all = items();
    chosen = next < -1 ? all.length - 1 : next >= all.length ? -1 : next;
    all.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
    if (chosen < 0) {
      field.removeAttribute("aria-activedescendant");
    } else {
      field.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    }
  };

  const show = (html, query) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    list.replaceChildren(...page.querySelectorAll("li[role=option]"));
    const all = items();
    all.forEach((item, i) => {
      item.id = `top-suggestion-${i}`;
      item.setAttribute("aria-selected", "false");
    });
    chosen = -1;
    shownFor = query;
    field.removeAttribute("aria-activedescendant");
    if (all.length === 0) return close();
    const found = all.length - 1;
    status.textContent = found === 0 ? "Nothing found" : `${found} suggestions`;
    open();
  };

  const ask = async () => {
    const query = field.value.trim();
    if (query.length < least) return close();
    if (query === shownFor && list.childElementCount > 0) return open();
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    try {
      const answer = await fetch(`/search/suggestions?q=${encodeURIComponent(query)}`, { signal: mine.signal });
      if (!answer.ok) return close();
      const html = await answer.text();
      if (asked === mine && document.activeElement === field) show(html, query);
    } catch (failure) {
      if (failure.name !== "AbortError") close();
    }
  };

  const go = (item) => {
    if (item?.dataset.href?.startsWith("/")) location.assign(item.dataset.href);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, delay);
  });
  field.addEventListener("keydown", (event) => {
    const expanded = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!expanded) ask();
      else choose(event.key === "ArrowDown" ? chosen + 1 : chosen - 1);
    } else if (event.key === "Escape" && expanded) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && expanded && chosen >= 0) {
      event.preventDefault();
      go(items()[chosen]);
    }
  });
  field.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== field) close(); }, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // The field keeps the focus.
  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
  addEventListener("resize", () => { if (!list.hidden) place(); });
  addEventListener("scroll", () => { if (!list.hidden) place(); }, { passive: true });
}
