// Hides what belongs to the session in one frame: {hide, members} are selectors of LinkedIn's
// parts, `names` are words to hide. Runs on a page that is thrown away afterwards.
// Answers with the names that it found and hid.
(arg) => {
  const cover = "•••";
  const secret = [
    /[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/g, // addresses of e-mail
    /ajax:\d+/g, // the csrf token
    /[\w+/=~-]{32,}/g, // tokens of any kind; no word is as long
    /\+?\d[\d ()./-]{7,}\d/g, // telephone numbers
  ];
  const found = [...document.querySelectorAll(arg.members)].map((image) => image.alt.trim());
  const names = [...new Set([...arg.names, ...found])].filter((name) => name.length > 1);

  const cleaned = (text) => {
    const shown = secret.reduce((rest, pattern) => rest.replace(pattern, cover), text);
    return names.reduce((rest, name) => rest.split(name).join(cover), shown);
  };

  const clean = (node) => {
    const text = cleaned(node.nodeValue);
    if (text !== node.nodeValue) node.nodeValue = text;
  };

  const walk = (root) => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    const shadows = [];
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) clean(node);
      else if (node.shadowRoot) shadows.push(node.shadowRoot);
    }
    for (const element of root.querySelectorAll(arg.hide))
      element.style.setProperty("visibility", "hidden", "important");
    for (const shadow of shadows) walk(shadow);
  };

  walk(document.documentElement);
  return found;
}
