// Filters the list of operations as one types, and opens what a link leads to.
// Without this module the form asks the server, and details are opened by hand.

const form = document.querySelector("form[data-filter]");

if (form) {
  const input = form.querySelector("input[type=search]");
  const found = form.querySelector("[data-found]");
  const none = document.querySelector("[data-none]");
  const whole = !new URLSearchParams(location.search).get("q");

  // The texts are read when there is time for it, or else at the first key.
  let groups;
  const read = () => groups ??= [...document.querySelectorAll("[data-group]")].map((element) => {
    const heading = element.firstElementChild.textContent;
    return {
      element,
      rows: [...element.querySelectorAll("[data-operation]")].map((row) => ({
        row, text: (row.textContent + " " + heading).toLowerCase(),
      })),
    };
  });
  const hide = (element, hidden) => { if (element.hidden !== hidden) element.hidden = hidden; };

  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { element, rows } of read()) {
      const matches = rows.map(({ text }) => words.every((word) => text.includes(word)));
      const any = matches.includes(true);
      hide(element, !any);
      if (!any) continue; // Rows of a group that is hidden stay as they are.
      rows.forEach(({ row }, i) => {
        hide(row, !matches[i]);
        if (matches[i]) shown++;
      });
    }
    none.hidden = shown > 0;
    found.textContent = `${shown} shown`;
  };

  // Keys that come faster than the screen is drawn are answered together.
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; filter(); });
  };

  // A list that the server has filtered already lacks the rest: then it is asked.
  if (whole && none) {
    (globalThis.requestIdleCallback ?? setTimeout)(read);
    input.addEventListener("input", soon);
    form.addEventListener("submit", (event) => {
      if (!form.by || form.by.value === (form.by.querySelector("[selected]")?.value ?? form.by.value)) {
        event.preventDefault();
        filter();
      }
    });
  }
  form.by?.addEventListener("change", () => form.submit());
}

// reveal opens the details around the element that the address names.
function reveal() {
  let id;
  try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let at = target; at; at = at.parentElement) {
    if (at.tagName === "DETAILS") at.open = true;
  }
  target.scrollIntoView({ block: "start" });
}

addEventListener("hashchange", reveal);
reveal();
