// The page of one post: {urns, any, control, settling} -> {…about, …walls, post, control}.
// `any`: the only post in the main part is the one, whatever its urn (permalinks of other forms).
// `control`: wait for the repost control too.
const chosen = () => {
  const there = posts();
  const exact = there.filter((post) => arg.urns.includes(post.dataset.urn));
  if (exact.length > 0) return exact.length === 1 ? exact[0] : null;
  return arg.any && there.length === 1 ? there[0] : null;
};

const isLike = (control) =>
  ["React Like", "Unreact Like", words.like].includes(named(control)) ||
  named(control).startsWith("Reaction button state");

// The action bar: the smallest part that holds this post's Like and Comment.
const barOf = (post) => {
  const own = controls(post).filter((each) => each.closest(select.any_post) === post);
  const like = own.find(isLike);
  const comment = own.find((control) => named(control) === words.comment);
  if (!like || !comment) return null;
  let bar = like.parentElement;
  while (!bar.contains(comment)) bar = bar.parentElement;
  return bar;
};

const offered = (bar) => {
  const there = controls(bar);
  if (there.some((control) => named(control) === words.reposted)) return "reposted";
  const reposts = there.filter((control) => named(control) === words.repost);
  if (reposts.length === 1) {
    if (reposts[0].getAttribute("aria-pressed") === "true") return "reposted";
    return enabled(reposts[0]) ? "ready" : "closed";
  }
  const known = [words.comment, words.send];
  const others = there.filter((control) => !isLike(control) && !known.includes(named(control)));
  return reposts.length === 0 && others.length === 0 ? "closed" : "unknown";
};

const controlOf = (post) => {
  const header = ofPost(post, select.headers)[0];
  if (header && tidy(header.textContent) === words.you_reposted) return "reposted";
  const bar = barOf(post);
  return bar === null ? "unknown" : offered(bar);
};

const without = () => ({ ...about(), ...walls(), post: null, control: "unknown" });
const having = (post, control) => ({ ...about(), ...noWalls, post: described(post), control });

// A control that is missing may be about to come: only what stays so counts.
let stable = { control: "", since: 0 };
const stays = (control) => {
  const now = performance.now();
  if (control !== stable.control) stable = { control, since: now };
  return now - stable.since >= arg.settling;
};

return awaited((late) => {
  const post = chosen();
  if (post === null) {
    if (document.readyState === "loading" && !late) return null;
    const read = without();
    return late || read.challenge || read.sign_in || read.tombstone ? read : null;
  }
  if (!arg.control) return having(post, "unknown");
  const control = controlOf(post);
  const certain = control === "ready" || control === "reposted";
  return late || certain || (control === "closed" && stays(control)) ? having(post, control) : null;
});
