// What every script that reads a page begins with. `arg.words` is the table of wordings,
// `arg.select` that of selectors.
const tidy = (text) => (text ?? "").replace(/[’‘]/g, "'").replace(/\s+/g, " ").trim();

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const started = performance.now();
const end = started + arg.patience;
while (!document.body && performance.now() < end) await pause(10);

const select = arg.select;
const language = (document.documentElement?.lang || "en").slice(0, 2).toLowerCase();
const words = arg.words[language] ?? arg.words.en;

const visible = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
};

const enabled = (element) =>
  !element.disabled && element.getAttribute("aria-disabled") !== "true";

// The accessible name, as far as these pages need it.
const named = (element) => {
  const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
  const labels = ids.map((id) => document.getElementById(id)?.textContent ?? "");
  return (
    tidy(labels.join(" ")) || tidy(element.getAttribute("aria-label")) || tidy(element.textContent)
  );
};

const within = (root, selector) => [...root.querySelectorAll(selector)].filter(visible);
const controls = (root) => within(root, select.controls);

const POST_URN = /^urn:li:(?:activity|ugcPost|share):\d{15,25}$/;
const isPost = (element) => POST_URN.test(element.dataset.urn);

// Posts that stand for themselves: neither in the sidebar nor inside another post.
const posts = () =>
  within(document, select.posts).filter(
    (element) => isPost(element) && !element.parentElement.closest(select.any_post),
  );

const ofPost = (post, selector) =>
  [...post.querySelectorAll(selector)].filter((each) => each.closest(select.any_post) === post);

// A post's own parts; `originals` are the posts that it holds inside.
const described = (post) => ({
  urn: post.dataset.urn,
  text: tidy(ofPost(post, select.bodies)[0]?.textContent),
  author: tidy(
    ofPost(post, select.actors).find((each) => !each.closest(select.headers))?.textContent,
  ),
  header: tidy(ofPost(post, select.headers)[0]?.textContent),
  permalink: ofPost(post, select.permalinks)[0]?.href ?? "",
  originals: [...post.querySelectorAll(select.any_post)]
    .filter(isPost)
    .map((each) => each.dataset.urn),
});

// What every page says of itself, and what a page without a post may be instead.
const tombstones = Object.values(arg.words).map((each) => each.tombstone);
const headings = () => [
  tidy(document.title),
  ...[...document.querySelectorAll(select.headings)].map((each) => tidy(each.textContent)),
];
const about = () => ({
  path: location.pathname,
  title: tidy(document.title),
  language,
  members: [...document.querySelectorAll(select.members)].map((each) => tidy(each.alt)).filter(Boolean),
  // A script or a call of the page was answered with an error of the server.
  broken: performance
    .getEntriesByType("resource")
    .some(
      (entry) =>
        ["script", "fetch", "xmlhttprequest"].includes(entry.initiatorType) &&
        entry.responseStatus >= 500,
    ),
  complete: document.readyState === "complete",
  unfinished: within(document, select.unfinished).length > 0,
  slow: slow(),
});
const walls = () => ({
  challenge:
    document.querySelector(select.challenge) !== null ||
    (document.readyState === "complete" &&
      document.documentElement.outerHTML.includes("/checkpoint/challenge")),
  sign_in: document.querySelector(select.sign_in) !== null,
  tombstone: headings().some((text) => tombstones.some((each) => text.startsWith(each))),
});
const noWalls = { challenge: false, sign_in: false, tombstone: false };

// Ask `look` until it gives something other than null; it is told when the patience has run out.
let looks = 0;
const awaited = async (look) => {
  for (;;) {
    const late = performance.now() >= end;
    const found = look(late);
    looks += 1;
    if (found !== null || late) return found;
    await pause(20);
  }
};

// Whether the machine or the network was too slow to say that something is not there.
const slow = () =>
  document.readyState === "loading" || looks * 20 * 5 < performance.now() - started;
