// The list of a member's own posts: {settling} -> {…about, …walls, framed, links, items}.
// `framed`: the page of somebody who is signed in; `links`: how many posts the main part links to.
const listed = (items) => ({
  ...about(),
  ...(items.length > 0 ? noWalls : walls()),
  framed: document.querySelector(select.main) !== null && about().members.length > 0,
  links: document.querySelectorAll(`${select.main} :is(${select.permalinks})`).length,
  items: items.map(described),
});
return awaited((late) => {
  const complete = document.readyState !== "loading";
  const items = posts();
  if (items.length > 0) return complete || late ? listed(items) : null;
  const quiet = document.readyState === "complete" && performance.now() - started >= arg.settling;
  if (late || quiet) return listed([]);
  const read = complete ? walls() : noWalls;
  return read.challenge || read.sign_in ? listed([]) : null;
});
