// Colours the code of a page when it comes into view, after the page was shown.
// A page without this module has the same text without colours.
//
//   <pre><code class="language-json">{"a": 1}</code></pre>
//
// Text that is long is left as it is: colours are not worth a pause.

const MAX_TEXT = 32 * 1024;
const LANGUAGES = new Set([
  "bash", "csharp", "go", "graphql", "http", "java", "javascript", "json", "php", "python", "xml", "yaml",
]);
const ALIASES = { curl: "bash", shell: "bash", sh: "bash", cs: "csharp", js: "javascript", html: "xml", yml: "yaml" };

let core;
const ready = new Map();

// load gives the library with one language, each fetched once.
async function load(language) {
  core ??= import("../vendor/highlight/core.min.js").then((m) => m.default);
  const hljs = await core;
  if (!ready.has(language)) {
    ready.set(language, import(`../vendor/highlight/languages/${language}.min.js`).then((m) => {
      hljs.registerLanguage(language, m.default);
    }));
  }
  await ready.get(language);
  return hljs;
}

// languageOf is the language that an element's class names, if it is known.
function languageOf(element) {
  for (const name of element.classList) {
    if (name.startsWith("language-")) {
      const language = name.slice("language-".length).toLowerCase();
      return LANGUAGES.has(ALIASES[language] ?? language) ? ALIASES[language] ?? language : "";
    }
  }
  return "";
}

const idle = globalThis.requestIdleCallback
  ? () => new Promise((done) => requestIdleCallback(done, { timeout: 500 }))
  : () => new Promise((done) => setTimeout(done, 1));

// colourOne colours an element. The library escapes the text, and reads nothing
// but the text: what it writes holds its own spans and no other element.
async function colourOne(element) {
  const language = languageOf(element);
  const text = element.textContent;
  if (!language || text.length > MAX_TEXT || element.dataset.coloured) {
    return;
  }
  element.dataset.coloured = language;
  try {
    const hljs = await load(language);
    await idle();
    if (element.isConnected && element.textContent === text) {
      element.innerHTML = hljs.highlight(text, { language, ignoreIllegals: true }).value;
    }
  } catch {
    // The page is as good without colours.
  }
}

const observer = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      observer.unobserve(entry.target);
      colourOne(entry.target);
    }
  }
}, { rootMargin: "200px" });

// colour watches the code below a root: call it for code that was added later.
export function colour(root = document) {
  for (const element of root.querySelectorAll('pre > code[class*="language-"]:not([data-coloured])')) {
    observer.observe(element);
  }
}

colour();
