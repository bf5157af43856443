// While a page is written, shows below the form how it will look. The form works
// without this.

const wait = 400; // Milliseconds after the last key.

for (const form of document.querySelectorAll("form[data-preview]")) {
  const text = form.querySelector("textarea");
  const token = form.querySelector("input[name=csrf]");
  const box = document.createElement("section");
  box.className = "a-preview";
  box.setAttribute("aria-label", "Preview");
  const title = document.createElement("p");
  title.className = "a-preview-title";
  title.textContent = "Preview, as you write";
  const shown = document.createElement("div");
  box.append(title, shown);
  form.after(box);

  let timer, running;
  const draw = async () => {
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST",
        headers: { "X-CSRF-Token": token.value, "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ text: text.value }),
        signal: running.signal,
      });
      // The portal has made this HTML as it makes pages: nothing in it runs.
      if (answer.ok) shown.innerHTML = await answer.text();
      else title.textContent = "The preview is not there right now.";
    } catch (error) {
      if (error.name !== "AbortError") title.textContent = "The preview is not there right now.";
    }
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, wait);
  });
  draw();
}
