// What the frame adds to pages where modules run: the switch between light and
// dark, buttons that copy code, tabs of what is otherwise shown one after the
// other, and the focus on a form's problems. Every page works without it.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function themeSwitch(button) {
  const shown = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const text = button.querySelector("[data-theme-text]");
  const describe = () => {
    text.textContent = shown() === "dark" ? "Use light colours" : "Use dark colours";
  };
  button.hidden = false;
  describe();
  dark.addEventListener("change", describe);
  button.addEventListener("click", () => {
    const next = shown() === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `sallyport-theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    describe();
  });
}

// Copy puts a button into a block of code. The text is read when it is pressed.
export function copyButton(block) {
  const code = block.querySelector("code");
  if (!code || !navigator.clipboard || block.querySelector(".copy")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.append(button);
}

const remembered = (key) => {
  try { return key && localStorage.getItem("tab:" + key); } catch { return null; }
};
const remember = (key, value) => {
  try { if (key) localStorage.setItem("tab:" + key, value); } catch { /* Without storage nothing is remembered. */ }
};

// Tabset makes tabs of the sections in a [data-tabset], each named by its
// data-tab. Sets with one value of data-tabset remember one choice.
export function tabset(set) {
  const panels = [...set.children].filter((p) => p.dataset.tab);
  if (panels.length < 2 || set.querySelector(":scope > [role=tablist]")) return;
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  if (set.getAttribute("aria-label")) list.setAttribute("aria-label", set.getAttribute("aria-label"));
  const key = set.dataset.tabset;
  const tabs = panels.map((panel, i) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${Math.random().toString(36).slice(2)}`;
    tab.textContent = panel.dataset.tab;
    tab.setAttribute("role", "tab");
    panel.id ||= `${tab.id}-panel`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => { select(i); remember(key, panel.dataset.tab); });
    list.append(tab);
    return tab;
  });
  const select = (chosen) => tabs.forEach((tab, i) => {
    tab.setAttribute("aria-selected", String(i === chosen));
    tab.tabIndex = i === chosen ? 0 : -1;
    panels[i].hidden = i !== chosen;
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = tabs.indexOf(document.activeElement);
    let next = step && (at + step + tabs.length) % tabs.length;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = tabs.length - 1;
    if (next === undefined || at < 0) return;
    event.preventDefault();
    tabs[next].focus();
    tabs[next].click();
  });
  set.classList.add("enhanced");
  set.prepend(list);
  select(Math.max(0, panels.findIndex((p) => p.dataset.tab === remembered(key))));
}

// Menus close when something else is chosen, and at Escape.
function closing(menu) {
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// A form that was sent is not sent again by a second click.
function sendOnce(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
}
document.addEventListener("submit", sendOnce);
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

export function enhance(part) {
  part.querySelectorAll("[data-copy]").forEach(copyButton);
  part.querySelectorAll("[data-tabset]").forEach(tabset);
}

// Menus of narrow pages do not stay open when the page gets wide: a tablet is turned.
matchMedia("(min-width: 60.01rem)").addEventListener("change", (wide) => {
  if (wide.matches) document.querySelectorAll(":popover-open").forEach((menu) => menu.hidePopover());
});

document.querySelectorAll("[data-theme-switch]").forEach(themeSwitch);
document.querySelectorAll("details.account-menu").forEach(closing);
document.querySelector("[data-focus]")?.focus();
enhance(document);
